"""Writes `repeated_adjusted.csv`: Kenward and Roger's standard error of the difference at the last visit.

    python repeated_adjusted.py

Whole matrices as in the paper [KenwardRoger1997, section 2], the covariance by restricted maximum likelihood with
SciPy; nothing of the sums over patterns of our own fit is used.
"""

import csv
import itertools

import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student


def data_of(name):
    with open("repeated_data.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["data"] == name]
    v = 1 + max(int(float(row["visit"])) for row in rows)
    patients = [rows[k:k + v] for k in range(0, len(rows), v)]
    baseline = np.array([float(patient[0]["baseline"]) for patient in patients])
    treated = np.array([float(patient[0]["treated"]) for patient in patients])
    values = np.array([[float(row["value"]) for row in patient] for patient in patients])
    return v, treated, baseline - baseline.mean(), values


def blocks(v, treated, baseline, values):
    """Of each patient the visits seen, the values, and the regressors of the means of all visits."""
    for group, entry, y in zip(treated, baseline, values):
        seen = np.flatnonzero(np.isfinite(y))
        if len(seen):
            x = np.zeros((len(seen), 3 * v))
            for row, visit in enumerate(seen):
                x[row, 3 * visit:3 * visit + 3] = [1.0, group, entry]
            yield seen, y[seen], x


def main():
    found = []
    with open("repeated_data.csv") as file:
        names = list(dict.fromkeys(row["data"] for row in csv.DictReader(file)))
    for name in names:
        v, *data = data_of(name)
        patients = list(blocks(v, *data))
        pairs = [(j, k) for j in range(v) for k in range(j + 1)]
        lower = np.tril_indices(v)

        def covariance(root):
            factor = np.zeros((v, v))
            factor[lower] = root
            factor[np.diag_indices(v)] = np.exp(np.diag(factor))
            return factor @ factor.T

        def means(sigma):
            information, right = 0, 0
            for seen, y, x in patients:
                w = np.linalg.inv(sigma[np.ix_(seen, seen)])
                information, right = information + x.T @ w @ x, right + x.T @ w @ y
            return information, np.linalg.solve(information, right)

        def loss(root):
            sigma = covariance(root)
            information, beta = means(sigma)
            total = np.linalg.slogdet(information)[1]
            for seen, y, x in patients:
                part = sigma[np.ix_(seen, seen)]
                rest = y - x @ beta
                total += np.linalg.slogdet(part)[1] + rest @ np.linalg.solve(part, rest)
            return total

        start = np.zeros(len(pairs))
        fit = minimize(loss, start, method="BFGS", options=dict(gtol=1e-7, maxiter=5000))
        fit = minimize(loss, fit.x, method="Nelder-Mead", options=dict(xatol=1e-9, fatol=1e-13, maxiter=40000, maxfev=40000))
        sigma = covariance(fit.x)
        information, beta = means(sigma)
        phi = np.linalg.inv(information)
        q = len(pairs)
        p_of, q_of, trace = [0] * q, {}, np.zeros((q, q))
        for r, s in itertools.product(range(q), range(q)):
            q_of[r, s] = 0
        for seen, _, x in patients:
            w = np.linalg.inv(sigma[np.ix_(seen, seen)])
            d = []
            for j, k in pairs:
                e = np.zeros((v, v))
                e[j, k] = e[k, j] = 1.0
                d.append(e[np.ix_(seen, seen)])
            for r in range(q):
                p_of[r] = p_of[r] - x.T @ w @ d[r] @ w @ x
                for s in range(q):
                    q_of[r, s] = q_of[r, s] + x.T @ w @ d[r] @ w @ d[s] @ w @ x
                    trace[r, s] += np.trace(w @ d[r] @ w @ d[s])
        expected = np.array([[0.5 * (trace[r, s] - np.trace(2 * phi @ q_of[r, s] - phi @ p_of[r] @ phi @ p_of[s]))
                              for s in range(q)] for r in range(q)])
        spread = np.linalg.inv(expected)
        middle = sum(spread[r, s] * (q_of[r, s] - p_of[r] @ phi @ p_of[s]) for r in range(q) for s in range(q))
        adjusted = phi + 2 * phi @ middle @ phi
        at = 3 * (v - 1) + 1
        gradient = np.array([-(phi @ p_of[r] @ phi)[at, at] for r in range(q)])
        df = 2 * phi[at, at] ** 2 / (gradient @ spread @ gradient)
        error, wider = np.sqrt(phi[at, at]), np.sqrt(adjusted[at, at])
        found.append([name, *map(float, (beta[at], error, wider, df, 2 * student.sf(abs(beta[at]) / wider, df)))])
    with open("repeated_adjusted.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["data", "difference", "standard_error", "adjusted_error", "df", "p"])
        writer.writerows(found)


main()
