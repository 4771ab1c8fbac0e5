"""Draws simulated courses beside measured points for five pages: docs/images/{viruses,organ_injury,transplant,quality_of_life,spells}.png.

    regraft run mist --patients 1000 --out RUNS/mist
    regraft run halt_ms --patients 1000 --out RUNS/halt_ms
    python docs/biology/measured_figures.py RUNS docs/images

A band holds 90 of a hundred cohorts of the size that was measured, drawn from the simulated patients; a whisker is the
95 % interval of Wilson of a published share, or the published one. Needs matplotlib and pyarrow.
"""

import json
import sys
from math import sqrt
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

INK, RULE = "#17191e", "#d5d9df"
RUNS = {"mist": ("Cy200, ATG", "#1b5faa"), "halt_ms": ("BEAM, ATG, CD34-selected", "#b3541e")}
YEAR, WORLDS, CONDITIONING = 365.25, 400, -7


class Run:
    """What the transplanted of a run lived, in days after their graft."""

    def __init__(self, folder):
        events = pd.read_parquet(folder / "events.parquet")
        events = events[events.arm == "hsct"]
        events = events.assign(name=events.event.str.rsplit(".", n=1).str[-1])
        graft = events[events.name == "infuse"].groupby("patient").day.min()
        events = events[events.patient.isin(graft.index)]
        self.events = events.assign(after=events.day - events.patient.map(graft))
        self.graft = graft
        self.people = pd.read_parquet(folder / "patients.parquet").set_index("patient").loc[graft.index]
        seen = pd.read_parquet(folder / "observables.parquet")
        seen = seen[(seen.arm == "hsct") & seen.patient.isin(graft.index)]
        self.seen = seen.assign(after=seen.day - seen.patient.map(graft))
        self.findings = json.loads((folder / "findings.json").read_text())["findings"]

    def first(self, name, people=None, since=0):
        """Day of the first such event of each of these people, infinity where there was none; `since` a day from the graft."""
        found = self.events[(self.events.name == name) & (self.events.after > since)].groupby("patient").after.min()
        return found.reindex(self.graft.index if people is None else people).fillna(np.inf).to_numpy()


def incidence(axis, days, first, size, color, label):
    """Share of people with the event by each day, with the band of cohorts of this size."""
    share = (first[:, None] <= days).mean(0)
    draw = np.random.default_rng(1)
    worlds = [(draw.choice(first, size)[:, None] <= days).mean(0) for _ in range(WORLDS)]
    axis.fill_between(days, *np.percentile(worlds, [5, 95], axis=0) * 100, color=color, alpha=0.18, linewidth=0)
    axis.plot(days, share * 100, color=color, label=label)


def wilson(events, people):
    p, z = events / people, 1.96
    middle, half = p + z * z / (2 * people), z * sqrt(p * (1 - p) / people + z * z / (4 * people**2))
    return p * 100, *((middle + sign * half) / (1 + z * z / people) * 100 for sign in (-1, 1))


def point(axis, x, value, low, high, text, filled=True):
    axis.plot([x, x], [low, high], color=INK, linewidth=1.4)
    axis.plot(x, value, "o", color=INK, markerfacecolor=INK if filled else "white", markersize=5, zorder=3)
    axis.annotate(text, (x, value), xytext=(6, 4), textcoords="offset points", fontsize=8)


def finish(axis, title, ylabel="% of patients", xlabel="days after the graft"):
    axis.set_title(title, fontsize=10, loc="left")
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color=RULE, linewidth=0.5)
    axis.set_axisbelow(True)


def viruses(runs, path):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4), constrained_layout=True)
    days = np.arange(0, 366, 2.0)
    for name, run in runs.items():
        title, color = RUNS[name]
        carriers = run.people.index[run.people.cmv_seropositive > 0.5]
        incidence(left, days, run.first("cmv_reactivation", carriers), 57, color, f"{title}, carriers")
        everybody = run.first("cmv_reactivation")
        left.plot(days, (everybody[:, None] <= days).mean(0) * 100, color=color, linestyle=":", label=f"{title}, all")
        incidence(right, days, run.first("ebv_reactivation"), 36, color, title)
    point(left, 300, *wilson(19, 57), "carriers after ATG without\na graft, no day given", filled=False)
    point(left, 42, *wilson(37, 210), "own grafts, all patients")
    point(right, 365, *wilson(36, 36), "")
    point(right, 330, *wilson(82, 94), "", filled=False)
    right.annotate("ATG without a graft,\nno day given", (330, 80), xytext=(-100, -18), textcoords="offset points", fontsize=8)
    finish(left, "CMV in blood")
    finish(right, "EBV in blood")
    left.set_ylim(0, 85)
    right.set_ylim(0, 104)
    left.legend(fontsize=8, frameon=False, loc="upper left")
    right.legend(fontsize=8, frameon=False, loc="lower center")
    figure.savefig(path, dpi=110)


def organ_injury(runs, path):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4), constrained_layout=True)
    days = np.arange(CONDITIONING, 101, 1.0)
    for name, run in runs.items():
        title, color = RUNS[name]
        incidence(left, np.arange(CONDITIONING, 31, 1.0), run.first("mucositis", since=CONDITIONING), 300, color, title)
    for name, organ, words in (("mist", "cardiac_toxicity", "heart"), ("halt_ms", "pulmonary_toxicity", "lungs")):
        title, color = RUNS[name]
        incidence(right, days, runs[name].first(organ, since=CONDITIONING), 200, color, f"{words}, {title}")
    point(left, 30, 63.1, 57.5, 68.4, "")
    left.annotate("own grafts (chosen on it)", (30, 63.1), xytext=(-118, -14), textcoords="offset points", fontsize=8)
    finish(left, "Mucositis of grade 2 or more")
    finish(right, "Toxicity of an organ: no row of the evidence counts it")
    left.set_ylim(0, 104)
    right.set_ylim(-0.2, 9)
    for axis in (left, right):
        axis.legend(fontsize=8, frameon=False, loc="upper left")
    figure.savefig(path, dpi=110)


def curve(run, endpoint, axis, color, label):
    """Simulated points of one endpoint with the band of a cohort of the published size, and the published ones."""
    rows = [f for f in run.findings if f["endpoint"] == endpoint and f["arm"] == "hsct" and not f["versus"] and f["time_days"]]
    rows = sorted(rows, key=lambda f: len(f["published"]))
    rows = sorted({f["time_days"]: f for f in rows}.values(), key=lambda f: f["time_days"])
    years = [f["time_days"] / YEAR for f in rows]
    bands = [(f["predicted_low"], f["predicted_high"]) if f["predicted_low"] is not None else (f["ci_low"], f["ci_high"]) for f in rows]
    axis.fill_between(years, *np.transpose(bands), color=color, alpha=0.18, linewidth=0)
    axis.plot(years, [f["estimate"] for f in rows], color=color, label=label)
    for f, year in zip(rows, years, strict=True):
        for seen in f["published"][:1]:
            if seen["ci_low"] is not None:
                point(axis, year, seen["value"], seen["ci_low"], seen["ci_high"], "")


def transplant(runs, path):
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4), constrained_layout=True)
    for axis, (name, run) in zip(axes, runs.items(), strict=True):
        title, color = RUNS[name]
        curve(run, "relapse_free_survival", axis, color, "simulated, band of a cohort of the published size")
        finish(axis, f"Alive without relapse: {title}", xlabel="years")
        axis.set_ylim(50, 102)
        axis.legend(fontsize=8, frameon=False, loc="lower left")
    figure.savefig(path, dpi=110)


def spells(runs, path):
    figure, axis = plt.subplots(figsize=(6.2, 4), constrained_layout=True)
    title, color = RUNS["mist"]
    curve(runs["mist"], "progression_mist", axis, color, f"{title}, band of a cohort of the published size")
    finish(axis, "Confirmed progression of EDSS", xlabel="years")
    axis.set_ylim(0, 32)
    axis.legend(fontsize=8, frameon=False, loc="upper left")
    figure.savefig(path, dpi=110)


def quality_of_life(runs, path):
    """Utility against EDSS on the last visits, long after the graft, beside means of 18 studies."""
    seen = runs["mist"].seen
    wide = seen[(seen.after > 2 * YEAR) & seen.observable.isin(["edss", "utility"])]
    wide = wide.pivot_table(index=["patient", "day"], columns="observable", values="value").dropna()
    groups = wide.groupby((wide.edss * 2).round() / 2).utility
    groups = groups.quantile([0.1, 0.5, 0.9]).unstack()[groups.size() >= 20]
    figure, axis = plt.subplots(figsize=(6.2, 4), constrained_layout=True)
    _, color = RUNS["mist"]
    axis.fill_between(groups.index, groups[0.1], groups[0.9], color=color, alpha=0.18, linewidth=0, label="10 to 90 in 100 visits of `mist`")
    axis.plot(groups.index, groups[0.5], color=color, label="median")
    for edss, low, high in ((1, 0.80, 0.92), (3, 0.49, 0.71), (6.5, 0.39, 0.54)):
        axis.plot([edss, edss], [low, high], color=INK, linewidth=2, label="means of 18 studies" if edss == 1 else None)
    finish(axis, "Utility by disability, from two years after the graft", ylabel="utility", xlabel="EDSS")
    axis.set(xlim=(0, 7), ylim=(0, 1))
    axis.legend(fontsize=8, frameon=False, loc="lower left")
    figure.savefig(path, dpi=110)


def main(folder, out):
    runs = {name: Run(Path(folder) / name) for name in RUNS}
    for draw in (viruses, organ_injury, transplant, quality_of_life, spells):
        draw(runs, Path(out) / f"{draw.__name__}.png")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
