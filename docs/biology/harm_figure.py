"""Draws when which harm comes after a transplant: docs/images/harm.png.

    regraft run mist --patients 1000 --out RUNS/mist
    regraft run halt_ms --patients 1000 --out RUNS/halt_ms
    python docs/biology/harm_figure.py RUNS docs/images/harm.png
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pyarrow.parquet as parquet

YEAR = 365.25
# Run, day of the graft on the clock of the trial, title.
RUNS = [("mist", 45, "Cy200, ATG"), ("halt_ms", 0, "BEAM, ATG, CD34-selected")]
# Days after the graft: from, to; infections as STOREK2008 counts them (events of 56 patients).
PERIODS = [(0, 15, 23), (16, 180, 25), (181, 365, 9), (366, 730, 9), (731, 1800, None)]
PATIENTS = 56
KINDS = [
    ("bacteremia", "bacteremia", "#7a1f1f"),
    ("bacterial_infection", "other bacterial", "#c4622d"),
    ("fungal_infection", "fungal", "#8c6d1f"),
    ("pneumocystis_pneumonia", "Pneumocystis", "#444444"),
    ("zoster", "zoster", "#6a3d9a"),
    ("viral_infection", "other viral", "#1f6fb2"),
]
LATE = [
    ("secondary_autoimmunity", "second autoimmune disease", "#1f6fb2"),
    ("thyroid_autoimmunity", "of these, thyroid", "#78aede"),
    ("zoster", "zoster", "#6a3d9a"),
    ("secondary_malignancy", "cancer", "#444444"),
]


def load(folder, graft):
    events = parquet.read_table(f"{folder}/events.parquet").to_pandas()
    events = events[events.arm == "hsct"]
    events["name"] = events.event.str.rsplit(".", n=1).str[-1]
    events["after"] = events.day - graft
    people = events[events.name == "infuse"].patient.nunique()
    return events[events.after >= 0], people


def rates(axis, events, people):
    """Infections per patient and year in each period, by kind; a cross is the published number."""
    bottom = np.zeros(len(PERIODS))
    total = np.array([((events.name == "infection") & events.after.between(a, b)).sum() for a, b, _ in PERIODS])
    years = np.array([(b - a) / YEAR for a, b, _ in PERIODS]) * people
    for name, label, color in KINDS:
        found = np.array([((events.name == name) & events.after.between(a, b)).sum() for a, b, _ in PERIODS])
        share = found / np.maximum(total, 1)
        axis.bar(range(len(PERIODS)), share, bottom=bottom, color=color, label=label, width=0.75)
        bottom += share
    axis.bar(range(len(PERIODS)), 1 - bottom, bottom=bottom, color="#cccccc", label="as in health", width=0.75)
    for at, (a, b, seen) in enumerate(PERIODS):
        published = "" if seen is None else f"\n({seen / PATIENTS / ((b - a) / YEAR):.2g})"
        axis.text(at, 1.02, f"{total[at] / years[at]:.2g}{published}", ha="center", va="bottom", fontsize=9)
    axis.set_xticks(range(len(PERIODS)), [f"{a}–{b}" for a, b, _ in PERIODS])
    axis.set(ylim=(0, 1.22), yticks=np.arange(0, 1.1, 0.2), ylabel="share of infections", xlabel="days after the graft")


def curves(axis, events, people):
    for name, label, color in LATE:
        first = np.sort(events[events.name == name].groupby("patient").after.min()) / YEAR
        axis.step(np.append(first, 5), np.append(np.arange(1, len(first) + 1), len(first)) / people * 100, where="post", color=color, label=label)
    axis.set(xlim=(0, 4.9), ylim=(0, 14), xlabel="years after the graft", ylabel="% of patients")


def main(runs, path):
    figure, grid = plt.subplots(2, 2, figsize=(11, 8), constrained_layout=True)
    for column, (run, graft, title) in enumerate(RUNS):
        events, people = load(f"{runs}/{run}", graft)
        rates(grid[0, column], events, people)
        curves(grid[1, column], events, people)
        grid[0, column].set_title(f"{title}: infections per patient and year\n(in brackets 56 patients of STOREK2008)", fontsize=10)
        grid[1, column].set_title(f"{title}: what comes late", fontsize=10)
    grid[0, 1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    grid[1, 1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
