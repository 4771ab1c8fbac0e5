"""Worths of knowing more, by closed form and by nested Monte Carlo, for the tests of `regraft-stats`.

python3 tests/reference/decision/make.py > tests/reference/decision/decision.csv

Two options: the difference of their utilities is normal; all worths have closed forms (unit normal linear loss
integral, Raiffa and Schlaifer 1961). Three options, bent in their parameters: EVPI and EVPPI by nested Monte Carlo.
"""

import numpy as np
from scipy.stats import norm


def loss(mean, sd):
    """E max(0, X) - max(0, mean) of X normal."""
    u = abs(mean) / sd
    return sd * (norm.pdf(u) - u * norm.sf(u))


# Difference = 0.3 + 1.0 a + 0.5 b; a, b standard normal. Patients differ by 2 in each arm.
mean, of_a, of_b, sd, n = 0.3, 1.0, 0.5, 2.0, 50
total = of_a**2 + of_b**2
rows = [
    ("two_evpi", loss(mean, total**0.5)),
    ("two_evppi_a", loss(mean, of_a)),
    ("two_evppi_b", loss(mean, of_b)),
    ("two_evsi_a_half", loss(mean, of_a * 0.5**0.5)),
    ("two_evsi_trial_50", loss(mean, total / (total + 2 * sd**2 / n) ** 0.5)),
]

# Three options: 0, 0.2 + a - 0.3 b^2, -0.1 + 0.8 b + 0.4 a b.
random = np.random.default_rng(1)
a, b = random.standard_normal((2, 4_000_000))


def options(a, b):
    return np.stack([np.zeros(np.broadcast(a, b).shape), 0.2 + a - 0.3 * b**2, -0.1 + 0.8 * b + 0.4 * a * b])


u = options(a, b)
now = u.mean(axis=1).max()
rows.append(("three_evpi", u.max(axis=0).mean() - now))
x = a[:1_000_000]
# Given a: E[b] = 0, E[b^2] = 1. Given b: E[a] = 0.
given_a = np.stack([0 * x, 0.2 + x - 0.3, -0.1 + 0 * x])
given_b = np.stack([0 * x, 0.2 - 0.3 * x**2, -0.1 + 0.8 * x])
rows.append(("three_evppi_a", given_a.max(axis=0).mean() - now))
rows.append(("three_evppi_b", given_b.max(axis=0).mean() - now))

print("what,value")
for what, value in rows:
    print(f"{what},{value:.5f}")
