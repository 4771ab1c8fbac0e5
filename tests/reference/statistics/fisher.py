"""Writes `fisher.csv`: two-sided p-values of Fisher's exact test.

    python fisher.py
"""

import csv

from scipy.stats import fisher_exact

TABLES = [
    (2, 23, 1, 22), (8, 23, 1, 22), (5, 23, 0, 22), (0, 23, 0, 22), (23, 23, 22, 22), (3, 10, 10, 12), (1, 5, 4, 5),
    (12, 400, 2, 380), (0, 1200, 7, 1100), (40, 900, 3, 60), (7, 7, 0, 6),
]


def main():
    with open("fisher.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["treated_events", "treated_n", "control_events", "control_n", "p"])
        for a, n, b, m in TABLES:
            p = fisher_exact([[a, n - a], [b, m - b]])[1]
            out.writerow([a, n, b, m, f"{p:.17g}"])


main()
