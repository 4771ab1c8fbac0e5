"""Every estimate of one arm in `findings.json`, computed again from `outcomes.parquet` by other code."""

import numpy as np
import pyarrow.parquet as parquet
import pytest
from statistics import NormalDist

# The same formula in another order of operations.
TOLERANCE = 1e-9
# Days by which a visit may miss the asked-for day.
VISIT_WINDOW_DAYS = 7.0


class Outcomes:
    """Columns of one endpoint in one arm."""

    def __init__(self, table, arm, endpoint):
        here = (table["arm"] == arm) & (table["endpoint"] == endpoint)
        self.time, self.status, self.value = (table[name][here] for name in ("time_days", "status", "value"))

    def steps(self, until):
        """Distinct times with an event up to `until`: number at risk, events, competing events."""
        for time in np.unique(self.time[(self.status > 0) & (self.time <= until)]):
            now = self.time == time
            yield (self.time >= time).sum(), (now & (self.status == 1)).sum(), (now & (self.status == 2)).sum()

    def at_visit(self, day):
        visits = np.unique(self.time)
        near = visits[np.abs(visits - day).argmin()]
        assert abs(near - day) <= VISIT_WINDOW_DAYS
        return self.value[self.time == near]


@pytest.fixture(scope="module")
def table(run):
    read = parquet.read_table(run.folder / "outcomes.parquet")
    return {name: np.array(read[name].to_pylist()) for name in read.column_names}


def kaplan_meier(outcomes, day):
    """Survival without event 1 and its log-log interval's two sums: S and Greenwood's sum."""
    survival, greenwood = 1.0, 0.0
    for n, events, _ in outcomes.steps(day):
        survival *= 1.0 - events / n
        greenwood += events / (n * (n - events)) if events < n else np.inf
    return survival, greenwood


def incidence(outcomes, day):
    """Aalen and Johansen: events against what competes."""
    total, free = 0.0, 1.0
    for n, events, competing in outcomes.steps(day):
        total += free * events / n
        free *= 1.0 - (events + competing) / n
    return total


def median(outcomes):
    for time in np.unique(outcomes.time[outcomes.status == 1]):
        survival = kaplan_meier(outcomes, time)[0]
        if survival < 0.5 + 1.5e-8:
            later = [t for t in np.unique(outcomes.time[outcomes.status == 1]) if t > time]
            flat = abs(survival - 0.5) < 1.5e-8 and later
            return (time + later[0]) / 2 if flat else time
    return None


def estimate(finding, outcomes):
    day = finding["time_days"]
    match finding["method"]:
        case "kaplan_meier":
            return 100 * kaplan_meier(outcomes, day)[0]
        case "kaplan_meier_complement":
            return 100 * (1 - kaplan_meier(outcomes, day)[0])
        case "cumulative_incidence":
            return 100 * incidence(outcomes, day)
        case "proportion":
            return 100 * np.mean((outcomes.status == 1) & (outcomes.time <= day))
        case "annual_rate":
            return outcomes.value.sum() / (outcomes.time.sum() / 365.25)
        case "median_day":
            return median(outcomes)
        case "mean" | "mean_change":
            return outcomes.at_visit(day).mean()


def is_followed_until(finding, outcomes):
    """A curve is known up to the last patient under observation, and for ever where the last had an event."""
    last = outcomes.time == outcomes.time.max()
    ended = (outcomes.status[last] > 0).all()
    return finding["time_days"] is None or ended or finding["time_days"] <= outcomes.time.max()


def of_one_arm(run, *methods):
    found = [f for f in run.answer["findings"] if f["versus"] is None and (not methods or f["method"] in methods)]
    assert found, f"the trial has findings by {methods}"
    return found


def test_every_estimate_of_one_arm_is_found_again(run, table):
    checked = set()
    for finding in of_one_arm(run):
        outcomes = Outcomes(table, finding["arm"], finding["endpoint"])
        if finding["estimate"] is None:
            assert finding["reason"]
            continue
        assert is_followed_until(finding, outcomes) or finding["method"] == "proportion"
        again = estimate(finding, outcomes)
        assert again == pytest.approx(finding["estimate"], rel=TOLERANCE, abs=TOLERANCE), finding["title"]
        checked.add(finding["method"])
    assert checked >= {"kaplan_meier", "kaplan_meier_complement", "cumulative_incidence", "proportion", "annual_rate", "mean", "mean_change"}


def test_progression_at_five_years_in_each_arm(run, table):
    # Other shares of this kind count those alone who were given the graft.
    by_kind = of_one_arm(run, "kaplan_meier_complement")
    found = [f for f in by_kind if f["endpoint"] == "progression_mist" and f["time_days"] == 1826.25]
    assert {f["arm"] for f in found} == {"hsct", "dmt"}
    for finding in found:
        outcomes = Outcomes(table, finding["arm"], finding["endpoint"])
        assert len(outcomes.time) == run.patients, "intention to treat: every patient counts"
        assert estimate(finding, outcomes) == pytest.approx(finding["estimate"], abs=TOLERANCE)


def test_log_log_intervals_of_survival(run, table):
    for finding in of_one_arm(run, "kaplan_meier"):
        if finding["ci_low"] is None:
            continue
        survival, greenwood = kaplan_meier(Outcomes(table, finding["arm"], finding["endpoint"]), finding["time_days"])
        z = NormalDist().inv_cdf(0.5 + finding["ci_level"] / 2)
        factor = np.exp(z * np.sqrt(greenwood) / -np.log(survival))
        ends = 100 * survival**factor, 100 * survival ** (1 / factor)
        assert ends == pytest.approx((finding["ci_low"], finding["ci_high"]), rel=TOLERANCE)


def test_wilson_intervals_of_proportions(run, table):
    for finding in of_one_arm(run, "proportion"):
        outcomes = Outcomes(table, finding["arm"], finding["endpoint"])
        n, p = len(outcomes.time), finding["estimate"] / 100
        z = NormalDist().inv_cdf(0.5 + finding["ci_level"] / 2)
        center, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        ends = np.clip([100 * (center - half) / (1 + z**2 / n), 100 * (center + half) / (1 + z**2 / n)], 0, 100)
        assert ends == pytest.approx([finding["ci_low"], finding["ci_high"]], rel=TOLERANCE, abs=TOLERANCE)


def hazard_ratio(treated, control):
    """Root of Efron's score for one 0/1 covariate, by bisection in the log ratio."""

    def score(log_ratio):
        total = 0.0
        for time in np.unique(np.concatenate([g.time[g.status == 1] for g in (treated, control)])):
            risk = [(g.time >= time).sum() for g in (treated, control)]
            events = [((g.time == time) & (g.status == 1)).sum() for g in (treated, control)]
            gone = np.arange(sum(events)) / sum(events)
            weight = np.exp(log_ratio) * (risk[0] - gone * events[0])
            total += events[0] - (weight / (weight + risk[1] - gone * events[1])).sum()
        return total

    low, high = -20.0, 20.0
    while high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > 0 else (low, middle)
    return np.exp(low)


def test_the_hazard_ratio_is_coxs_with_efrons_ties(run, table):
    found = [f for f in run.answer["findings"] if f["method"] == "hazard_ratio"]
    assert found
    for finding in found:
        arms = [Outcomes(table, arm, finding["endpoint"]) for arm in (finding["arm"], finding["versus"])]
        assert hazard_ratio(*arms) == pytest.approx(finding["estimate"], rel=TOLERANCE)


def test_differences_between_arms_are_those_of_the_arms(run, table):
    for finding in run.answer["findings"]:
        if finding["versus"] and finding["method"] != "hazard_ratio":
            arms = [Outcomes(table, arm, finding["endpoint"]) for arm in (finding["arm"], finding["versus"])]
            is_ratio = finding["method"] == "rate_ratio"
            of_one = {**finding, "method": "annual_rate"} if is_ratio else finding
            own, other = (estimate(of_one, outcomes) for outcomes in arms)
            found = own / other if is_ratio else own - other
            assert found == pytest.approx(finding["estimate"], rel=TOLERANCE, abs=TOLERANCE)
