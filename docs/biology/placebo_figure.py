"""Draws simulated placebo arms, and progressive disease, beside measured points: docs/images/placebo_and_progression.png.

    regraft run affirm --patients 1000 --out RUNS/affirm        (and define, van_de_putte, bliss_52, admire_cd, progressive_ahsct)
    python docs/biology/placebo_figure.py RUNS docs/images/placebo_and_progression.png

A band or a bar holds 95 of a hundred trials of the published size; a whisker is the published interval. Needs matplotlib.
"""

import json
import sys
from pathlib import Path

import numpy as np

from measured_figures import YEAR, finish, plt, point

PLACEBO, TREATED = "#b3541e", "#1b5faa"
CURVES = [("affirm", "AFFIRM", "natalizumab"), ("define", "DEFINE and CONFIRM", "dimethyl_fumarate")]
# Trial, endpoint's title, words.
RESPONSES = [
    ("van_de_putte", "ACR20 at week 12", "arthritis: ACR20\nat week 12"),
    ("bliss_52", "Response (SRI-4) at week 52", "lupus: SRI-4\nat week 52"),
    ("bliss_52", "SLEDAI 4 or less at week 52", "lupus: SLEDAI 4 or\nless at week 52"),
    ("admire_cd", "Combined remission at week 24", "fistula: combined\nremission, week 24"),
    ("admire_cd", "Combined remission at week 52", "fistula: combined\nremission, week 52"),
]


def findings(folder, trial):
    return json.loads((folder / trial / "findings.json").read_text())["findings"]


def timed(found, title, arm):
    rows = [f for f in found if f["title"] == title and f["arm"] == arm and not f["versus"] and f["time_days"] is not None]
    return sorted(rows, key=lambda f: f["time_days"])


def band(axis, rows, color, label):
    rows = [f for f in rows if f["predicted_low"] is not None]
    years = [f["time_days"] / YEAR for f in rows]
    axis.fill_between(years, *np.transpose([(f["predicted_low"], f["predicted_high"]) for f in rows]), color=color, alpha=0.18, linewidth=0)
    axis.plot(years, [f["estimate"] for f in rows], color=color, label=label)


def relapses(axis, found, title, drug):
    for arm, color in (("placebo", PLACEBO), (drug, TREATED)):
        rows = timed(found, "First relapse", arm)
        band(axis, rows, color, arm.replace("_", " "))
        for f in rows:
            for seen in f["published"]:
                point(axis, f["time_days"] / YEAR, seen["value"], seen["ci_low"], seen["ci_high"], "")
    finish(axis, f"{title}: with a relapse", xlabel="years")
    axis.set(xlim=(0.4, 2.1), ylim=(0, 70))
    axis.legend(fontsize=8, frameon=False, loc="upper left")


def responses(axis, folder):
    for place, (trial, title, words) in enumerate(RESPONSES):
        (f,) = timed(findings(folder, trial), title, "placebo")
        seen = f["published"][0]
        axis.plot([f["predicted_low"], f["predicted_high"]], [-place, -place], color=PLACEBO, alpha=0.35, linewidth=8, solid_capstyle="butt")
        axis.plot(f["estimate"], -place, "|", color=PLACEBO, markersize=11, markeredgewidth=2)
        axis.plot([seen["ci_low"], seen["ci_high"]], [-place - 0.28] * 2, color="#17191e", linewidth=1.4)
        axis.plot(seen["value"], -place - 0.28, "o", color="#17191e", markersize=5)
    finish(axis, "Better on placebo", ylabel="", xlabel="% of patients")
    axis.grid(axis="y", visible=False)
    axis.set_yticks([-place - 0.14 for place in range(len(RESPONSES))], [words for *_, words in RESPONSES], fontsize=8)
    axis.set(xlim=(0, 60), ylim=(-len(RESPONSES) + 0.4, 0.5))


def progressive(axis, found):
    for arm, color, words in (("untreated", PLACEBO, "no treatment"), ("hsct", TREATED, "transplant")):
        rows = timed(found, "EDSS", arm)
        band(axis, rows, color, words)
        for f in rows:
            for seen in f["published"]:
                axis.plot(f["time_days"] / YEAR, seen["value"], "o", color="#17191e", markersize=5, zorder=3)
    finish(axis, "Progressive: EDSS (points: transplanted)", ylabel="EDSS", xlabel="years")
    axis.set_ylim(4, 6.2)
    axis.legend(fontsize=8, frameon=False, loc="upper left")


def main(folder, path):
    folder = Path(folder)
    figure, axes = plt.subplots(2, 2, figsize=(10.5, 7.6), constrained_layout=True)
    for axis, (trial, title, drug) in zip(axes[0], CURVES, strict=True):
        relapses(axis, findings(folder, trial), title, drug)
    responses(axes[1, 0], folder)
    progressive(axes[1, 1], findings(folder, "progressive_ahsct"))
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
