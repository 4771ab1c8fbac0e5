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
    added, squares = np.empty(n), np.empty(n)
    everyone = np.column_stack([np.ones(n), columns])
    hat = everyone @ np.linalg.pinv(everyone)
    for out in range(n):
        kept = np.arange(n) != out
        fit = np.linalg.lstsq(everyone[kept], y[kept], rcond=None)[0]
        predicted = everyone[out] @ fit
        added[out] = y[out] * predicted
        # A residual times the one with the value left out.
        squares[out] = (y[out] - hat[out] @ y) * (y[out] - predicted)
    variance = added.mean() + whole / n
    # Without the weight that the mean gives everyone.
    pairs = (hat - 1 / n) ** 2 * np.outer(squares, squares)
    pairs = 2 * (pairs.sum() - np.trace(pairs)) / n**2
    spread = (2 * added).var(ddof=1)
    return variance, math.sqrt(max(spread / n - pairs, pairs)), whole


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
