"""Variance between groups and variance of the mean, for the tests of `regraft-stats`.

python3 tests/reference/clustered/make.py

Balanced groups: one-way analysis of variance by moments (Searle, Casella and McCulloch 1992), and the variance of the
mean by the delete-a-group jackknife. Groups of unequal size: the jackknife for unequal groups (Busing, Meijer and van
der Leeden 1999). numpy alone.
"""

import numpy as np

random = np.random.default_rng(5)
folder = __file__.rsplit("/", 1)[0]
data, found = [], []
for name, sizes, between, within in [
    ("balanced", [8] * 20, 0.6, 1.0),
    ("no_between", [8] * 20, 0.0, 1.0),
    ("unequal", list(range(4, 24)), 0.5, 1.0),
]:
    groups = [2.0 + between * random.standard_normal() + within * random.standard_normal(n) for n in sizes]
    groups = [np.round(g, 6) for g in groups]
    data += [(name, place, value) for place, g in enumerate(groups) for value in g]
    every = np.concatenate(groups)
    n, m = every.size, len(groups)
    mean = every.mean()
    h = np.array([n / len(g) for g in groups])
    without = np.array([(every.sum() - g.sum()) / (n - len(g)) for g in groups])
    pseudo = h * mean - (h - 1) * without
    center = m * mean - np.sum((1 - 1 / h) * without)
    jackknife = np.mean((pseudo - center) ** 2 / (h - 1))
    found += [(name, "mean", mean), (name, "variance_of_mean", jackknife)]
    if len(set(sizes)) == 1:
        size = sizes[0]
        msb = size * np.sum([(g.mean() - mean) ** 2 for g in groups]) / (m - 1)
        msw = np.sum([np.sum((g - g.mean()) ** 2) for g in groups]) / (n - m)
        found.append((name, "between", max(0.0, (msb - msw) / size)))

with open(f"{folder}/data.csv", "w") as file:
    file.write("data,group,value\n" + "".join(f"{a},{b},{c:.6f}\n" for a, b, c in data))
with open(f"{folder}/found.csv", "w") as file:
    file.write("data,what,value\n" + "".join(f"{a},{b},{c:.12g}\n" for a, b, c in found))
