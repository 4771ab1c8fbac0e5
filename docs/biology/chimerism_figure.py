#!/usr/bin/env python3
"""Draws docs/images/chimerism.png from finished runs.

    regraft run allo_donors --patients 1000 --out RUN
    python chimerism_figure.py RUN OUT.png

Above: share of the donor among myeloid and T cells, median and middle half of the patients who live.
Below: share of patients with acute and chronic graft-versus-host disease since the graft, deaths competing.
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

KINDS = [("sibling", "sibling, blood"), ("unrelated", "unrelated, blood"),
         ("half_matched", "half-matched, marrow"), ("cord", "two units of cord blood")]  # fmt: skip
COLORS = ["#20639b", "#c1440e", "#3a7d44", "#7b4fa3"]


def incidence(events, arm, name, n, days):
    """Share of all patients with the event up to each day: deaths are events that never come."""
    first = events[(events.arm == arm) & events.event.str.endswith("." + name)].groupby("patient").day.min()
    return np.array([100 * (first <= day).sum() / n for day in days])


def main(run, out):
    values = pd.read_parquet(f"{run}/observables.parquet")
    events = pd.read_parquet(f"{run}/events.parquet")
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), sharex="row")
    for (arm, title), color in zip(KINDS, COLORS):
        mine = values[values.arm == arm]
        n = mine.patient.nunique()
        for axis, name in zip(axes[0], ("myeloid_chimerism", "t_cell_chimerism")):
            part = mine[(mine.observable == name) & (mine.day >= 0)]
            # The laboratory's error leads above 100; drawn is what it would print.
            shares = part.groupby("day").value.quantile([0.25, 0.5, 0.75]).unstack().clip(0, 100)
            axis.plot(shares.index, shares[0.5], color=color, label=title)
            axis.fill_between(shares.index, shares[0.25], shares[0.75], color=color, alpha=0.15, linewidth=0)
        days = np.arange(0, 731, 2)
        for axis, name in zip(axes[1], ("acute_gvhd", "chronic_gvhd")):
            axis.plot(days, incidence(events, arm, name, n, days), color=color, label=title)
    titles = ["Myeloid cells of the donor", "T cells of the donor", "Acute disease, grade II to IV", "Chronic disease"]
    for axis, title in zip(axes.flat, titles):
        axis.set_title(title, loc="left", fontsize=11)
        axis.set_ylim(0, 102)
        axis.set_ylabel("per cent")
        axis.grid(alpha=0.2)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes[0]:
        axis.set_xlim(0, 365)
    for axis in axes[1]:
        axis.set_xlim(0, 730)
        axis.set_xlabel("days after the graft")
    axes[0, 0].legend(frameon=False, fontsize=9, loc="lower right")
    figure.tight_layout()
    figure.savefig(out, dpi=130)


if __name__ == "__main__":
    main(*sys.argv[1:3])
