"""Draws simulated blood counts after two conditionings beside measured days: docs/images/marrow.png.

    regraft run mist --patients 1000 --out RUNS/mist
    regraft run halt_ms --patients 1000 --out RUNS/halt_ms
    python docs/biology/marrow_figure.py RUNS docs/images/marrow.png
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# Run, day of the graft on the clock of the trial, color, title.
RUNS = [("mist", 45, "#1b5faa", "Cy200, ATG"), ("halt_ms", 0, "#b3541e", "BEAM, ATG, CD34-selected")]
DAYS = np.arange(-8, 41)
# Median day of recovery: day, height in the panel, color of the conditioning, whose.
NEUTROPHILS = [(10, 0.5, 1, "419 after BEAM"), (8, 0.5, 0, "RUIZARG2019"), (9, 0.5, 0, "TRAYNOR2000")]
PLATELETS = [(15, 20, 1, "419 after BEAM"), (13, 20, 1, "91, more cells"), (11, 20, 0, "TRAYNOR2000")]
PANELS = [
    ("neutrophils", "Neutrophils, G/L", 0.5, NEUTROPHILS),
    ("platelets", "Platelets, G/L, with transfusions", 20, PLATELETS),
    ("hemoglobin", "Hemoglobin, g/L", 80, []),
]
INK, RULE = "#222222", "#dddddd"


def course(folder, name, graft):
    """5, 50 and 95 in 100 of a laboratory value, day by day from the graft."""
    seen = pd.read_parquet(f"{folder}/observables.parquet", filters=[("arm", "=", "hsct"), ("observable", "=", name)])
    seen["after"] = (seen.day - graft).round()
    by_day = seen[seen.after.isin(DAYS)].groupby("after").value
    return by_day.quantile([0.05, 0.5, 0.95]).unstack()


def recovery(folder, graft, endpoint):
    """Median day of recovery by fifths of the CD34+ dose."""
    people = pd.read_parquet(f"{folder}/patients.parquet").set_index("patient")
    dose = people[[name for name in people if name.endswith("collected_cd34_per_kg")][0]]
    out = pd.read_parquet(f"{folder}/outcomes.parquet", filters=[("arm", "=", "hsct"), ("endpoint", "=", endpoint)])
    out = out[out.status == 1].set_index("patient")
    table = pd.DataFrame({"dose": dose, "day": out.time_days}).dropna()
    fifths = table.groupby(pd.qcut(table.dose, 5), observed=True).median()
    return fifths.dose, fifths.day


def finish(axis, title, xlabel):
    axis.set_title(title, fontsize=10, loc="left")
    axis.set_xlabel(xlabel)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color=RULE, linewidth=0.5)
    axis.set_axisbelow(True)


def counts(axis, folder, name, title, line, measured):
    for run, graft, color, label in RUNS:
        low, middle, high = (course(f"{folder}/{run}", name, graft)[share] for share in (0.05, 0.5, 0.95))
        axis.fill_between(middle.index, low, high, color=color, alpha=0.18, linewidth=0)
        axis.plot(middle.index, middle, color=color, label=label)
    axis.axhline(line, color=INK, linewidth=0.7)
    for day, value, conditioning, whose in measured:
        mark = dict(marker="^", color=RUNS[conditioning][2], markeredgecolor=INK, linestyle="none", zorder=3)
        axis.plot(day, value, label=f"day {day}: {whose}", markersize=7, **mark)
    if name != "hemoglobin":
        axis.set_yscale("log")
        axis.set_yticks([0.01, 0.1, 1, 10] if name == "neutrophils" else [10, 20, 50, 100, 200, 400])
        axis.yaxis.set_major_formatter("{x:g}")
        axis.minorticks_off()
    finish(axis, title, "days after the graft")


def doses(axis, folder):
    for run, graft, color, _ in RUNS:
        lines = [("neutrophil_engraftment", 2, "neutrophils > 0.5"), ("platelet_engraftment", 1, "platelets > 20")]
        for endpoint, width, what in lines:
            dose, day = recovery(f"{folder}/{run}", graft, endpoint)
            axis.plot(dose, day, color=color, linewidth=width, marker="o", markersize=4)
            if run == "mist":
                axis.annotate(what, (dose.iloc[-1], day.iloc[-1]), xytext=(6, -3), textcoords="offset points", fontsize=8)
    for dose, day in ((5.8, 10), (11.5, 10), (5.8, 15), (11.5, 13)):
        axis.plot(dose, day, "^", color=RUNS[1][2], markeredgecolor=INK, markersize=7, zorder=3)
    axis.set_xlim(2, 20)
    axis.set_ylim(6, 18)
    finish(axis, "Median day of recovery; triangles: 419 and 91 after BEAM", "CD34+ cells, 1e6/kg")


def main(folder, path):
    figure, axes = plt.subplots(2, 2, figsize=(10, 7.4))
    for axis, panel in zip(axes.flat, PANELS):
        counts(axis, folder, *panel)
    for axis, corner in zip(axes.flat, ("lower right", "upper right", "upper right")):
        axis.legend(frameon=False, fontsize=8, loc=corner)
    axes[0, 1].set_ylim(8, 3000)
    doses(axes[1, 1], folder)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:3])
