"""Writes `explained.csv`: the variance that columns explain, with each value left out and everything fitted anew.

    python explained.py
"""

import csv
import math

import numpy as np


def explained(columns, values):
    """Mean of (y - mean) times the prediction by the other values, plus s2/n; and its standard error."""
    n, p = columns.shape
    y = values - values.mean()
    whole = y @ y / (n - 1)
    total = 0.0
    for out in range(n):
        kept = np.arange(n) != out
        design = np.column_stack([np.ones(n - 1), columns[kept]])
        fit = np.linalg.lstsq(design, y[kept], rcond=None)[0]
        total += y[out] * (fit[0] + columns[out] @ fit[1:])
    variance = total / n + whole / n
    known = min(max(variance, 0.0), whole)
    rest = whole - known
    square = (4 * known * rest + 2 * known**2) / n + 2 * p * rest**2 / (n * (n - p - 1))
    return variance, math.sqrt(square), whole


def main():
    draws = np.random.default_rng(20261130)
    rows = []
    for n, p, slope in [(12, 1, 0.0), (30, 4, 0.0), (30, 4, 1.5), (60, 12, 0.5), (40, 3, 20.0)]:
        columns = draws.normal(size=(n, p)) * draws.uniform(0.1, 5.0, size=p) + draws.normal(size=p)
        columns[:, -1] += 0.6 * columns[:, 0]
        values = 7.0 + slope * (columns[:, 0] - columns[:, 0].mean()) + draws.normal(size=n)
        columns, values = columns.round(6), values.round(6)
        text = lambda numbers: " ".join(repr(float(number)) for number in numbers)
        found = [repr(float(number)) for number in explained(columns, values)]
        rows.append([p, text(columns.ravel()), text(values), *found])
    with open("explained.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["width", "columns", "values", "variance", "error", "whole"])
        writer.writerows(rows)


main()
