"""Writes `allocation_*.csv`: tests that rest on the random allocation, exact tests, and tests of likelihood ratios.

    python allocation.py

Scores of survival data are computed from their definitions, patient by patient; hypergeometric tails are SciPy's,
likelihoods of negative binomial, logistic and Cox regressions and the Mantel-Haenszel statistic those of statsmodels.
"""

import csv
import itertools
import math

import numpy as np
import statsmodels.api as sm
from scipy.stats import hypergeom, permutation_test
from statsmodels.stats.contingency_tables import StratifiedTable


def rows(name):
    with open(f"{name}.csv") as file:
        return list(csv.DictReader(file))


def write(name, head, found):
    text = lambda value: repr(float(value)) if isinstance(value, (float, np.floating)) else str(value)
    with open(f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([[text(value) for value in row] for row in found])


def standardized(scores, treated):
    """(S - E)/sqrt(V) over all ways to deal the groups [StrasserWeber1999, (2)]."""
    n, n1 = len(scores), treated.sum()
    variance = n1 * (n - n1) / (n * (n - 1)) * ((scores - scores.mean()) ** 2).sum()
    return (scores[treated].sum() - n1 * scores.mean()) / math.sqrt(variance)


def log_rank_scores(time, status):
    hazard = {t: ((time == t) & (status == 1)).sum() / (time >= t).sum() for t in np.unique(time[status == 1])}
    return np.array([(s == 1) - sum(h for u, h in hazard.items() if u <= t) for t, s in zip(time, status)])


def fine_gray_scores(time, status):
    """Event less the weighted cumulative hazard, weights by the Kaplan-Meier estimate of censoring [FineGray1999]."""
    def free(t):
        """Share not censored before t."""
        value = 1.0
        for u in np.unique(time[status == 0]):
            if u < t:
                value *= 1 - ((time == u) & (status == 0)).sum() / (time >= u).sum()
        return value

    def weight(i, t):
        if time[i] >= t:
            return 1.0
        return free(t) / free(time[i]) if status[i] > 1 else 0.0

    n = range(len(time))
    hazard = {
        t: ((time == t) & (status == 1)).sum() / sum(weight(i, t) for i in n) for t in np.unique(time[status == 1])
    }
    return np.array([(status[i] == 1) - sum(weight(i, t) * h for t, h in hazard.items()) for i in n])


def survival():
    found = []
    data = rows("survival_data")
    for name in dict.fromkeys(row["data"] for row in data):
        own = [row for row in data if row["data"] == name]
        time, status, group = (np.array([float(row[key]) for row in own]) for key in ("time", "status", "group"))
        treated = group == 1
        if not (treated.any() and (~treated).any() and (status == 1).any()) or len(time) > 400:
            continue
        ranks, subdistribution = log_rank_scores(time, status), fine_gray_scores(time, status)
        cox = sm.PHReg(time, group[:, None], status=(status == 1).astype(int), ties="efron")
        fit = cox.fit()
        gain = 2 * (cox.loglike(fit.params) - cox.loglike(np.zeros(1)))
        both = all(((status == 1) & (group == g)).any() for g in (0, 1))
        ratio = math.copysign(math.sqrt(max(gain, 0)), fit.params[0]) if both else math.nan
        found.append([name, ranks[treated].sum(), standardized(ranks, treated), subdistribution[treated].sum(),
                      standardized(subdistribution, treated), ratio])
    write("allocation_survival",
          ["data", "log_rank_sum", "log_rank_z", "fine_gray_sum", "fine_gray_z", "cox_likelihood_ratio"], found)


def rates():
    found = []
    data = rows("rates_data")
    for name in dict.fromkeys(row["data"] for row in data):
        own = [row for row in data if row["data"] == name]
        events, time, group = (np.array([float(row[key]) for row in own]) for key in ("events", "time", "group"))
        design = np.column_stack([np.ones(len(events)), group])
        options = dict(disp=False, maxiter=2000, method="bfgs", gtol=1e-9)
        model = lambda columns: sm.NegativeBinomial(events, columns, loglike_method="nb2", offset=np.log(time))
        start = np.array([math.log(events.sum() / time.sum()), 0.5])
        none = model(design[:, :1]).fit(start_params=start, **options)
        full = model(design).fit(start_params=np.insert(none.params, 1, 0.0), **options)
        mean, alpha = math.exp(none.params[0]) * time, none.params[-1]
        scores = (events - mean) / (1 + alpha * mean)
        gain = 2 * (full.llf - none.llf)
        found.append([name, math.copysign(math.sqrt(max(gain, 0)), full.params[1]),
                      standardized(scores, group == 1), alpha])
    write("allocation_rates", ["data", "likelihood_ratio", "score_z", "dispersion"], found)


def shares():
    found = []
    for row in rows("two_by_two"):
        a, n, b, m = (int(float(row[key])) for key in ("treated_events", "treated_n", "control_events", "control_n"))
        upper, lower = hypergeom.sf(a - 1, n + m, a + b, n), hypergeom.cdf(a, n + m, a + b, n)
        own = hypergeom.pmf(a, n + m, a + b, n)
        with np.errstate(all="ignore"):
            dealt = StratifiedTable([np.array([[a, n - a], [b, m - b]])]).test_null_odds(correction=False).statistic
        term = lambda k, n: k * math.log(k / n) if k > 0 else 0.0
        likelihood = lambda k, n: term(k, n) + term(n - k, n)
        gain = 2 * (likelihood(a, n) + likelihood(b, m) - likelihood(a + b, n + m))
        trivial = a + b in (0, n + m)
        if 0 < a < n and 0 < b < m:
            y = np.repeat([1, 0, 1, 0], [a, n - a, b, m - b])
            x = np.repeat([1.0, 1.0, 0.0, 0.0], [a, n - a, b, m - b])
            full = sm.Logit(y, np.column_stack([np.ones(n + m), x])).fit(disp=False, tol=1e-12)
            assert abs(full.llr - gain) < 1e-8 * max(gain, 1), (full.llr, gain)
        found.append([a, n, b, m, upper, lower, own, math.nan if trivial else dealt,
                      math.nan if trivial else math.sqrt(max(gain, 0))])
    write("allocation_shares", ["treated_events", "treated_n", "control_events", "control_n", "upper", "lower", "own",
                                "dealt_chi_square", "likelihood_ratio"], found)


def dealt():
    """Exact tails over all ways to deal small groups: scipy's permutation test."""
    draws = np.random.default_rng(20261130)
    found = []
    for n, m, skewed in [(5, 5, False), (4, 7, True), (6, 6, True)]:
        scores = (draws.exponential(size=n + m) if skewed else draws.normal(size=n + m)).round(3)
        scores[1] = scores[0]
        difference = lambda x, y, axis: np.sum(x, axis=axis)
        tails = [permutation_test((scores[:n], scores[n:]), difference, n_resamples=np.inf, vectorized=True,
                                  alternative=side).pvalue for side in ("greater", "less")]
        everyone = [scores[list(chosen)].sum() for chosen in itertools.combinations(range(n + m), n)]
        assert abs(np.mean(np.array(everyone) >= scores[:n].sum() - 1e-9) - tails[0]) < 1e-12
        found.append([" ".join(map(repr, map(float, scores[:n]))), " ".join(map(repr, map(float, scores[n:]))), *tails])
    write("allocation_dealt", ["treated", "control", "upper", "lower"], found)


survival()
rates()
shares()
dealt()
