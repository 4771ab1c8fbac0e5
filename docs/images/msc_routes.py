"""Draws msc_routes.png: where stromal cells are, and what they leave, in the sixty days after one dose by each route.

    python docs/images/msc_routes.py

Needs antimony, libroadrunner, numpy and matplotlib. The module is run alone, under constant inflammation (0.9, a
patient with active disease) with 27 % of the tissue inflamed.
"""

from pathlib import Path

import antimony
import matplotlib.pyplot as plt
import numpy as np
import roadrunner

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "library" / "models" / "msc.ant"
DOSE = 70.0
ROUTES = [
    ("intravenous_dose", "vein", "#3b6fb6"),
    ("local_dose", "diseased tissue", "#b5532f"),
    ("intrathecal_dose", "spinal fluid", "#3f8f5b"),
]
LIVING = ["cells_in_lung", "cells_in_tissue", "cells_at_site", "cells_in_csf"]
DAYS = 60


def course(route, **values):
    """Array [time, living cells as a share, imprint] after a dose at time 0 by this route."""
    head, _, _ = MODEL.read_text().rpartition("end")
    antimony.clearPreviousLoads()
    text = f"{head}  dose: at (time > 1e-6): {route} = {DOSE};\nend\n"
    assert antimony.loadAntimonyString(text) >= 0, antimony.getLastError()
    runner = roadrunner.RoadRunner(antimony.getSBMLString("msc_module"))
    for name, value in {"inflammation": 0.9, "inflamed": 0.27, "csf_access": 0.25, **values}.items():
        runner[name] = value
    runner.timeCourseSelections = ["time", *LIVING, "imprint"]
    table = np.array(runner.simulate(0, DAYS, 60 * DAYS + 1))
    return np.column_stack([table[:, 0], table[:, 1:5].sum(axis=1) / DOSE, table[:, 5]])


def draw_cells(axes):
    for route, title, color in ROUTES:
        own, foreign = course(route), course(route, donor_difference=1)
        axes.plot(own[1:, 0], own[1:, 1], color=color, label=f"into {title}")
        axes.plot(foreign[1:, 0], foreign[1:, 1], color=color, linestyle=":")
    axes.plot([], [], color="grey", linestyle=":", label="the same from another donor")
    # Windows, not values: the papers say living, seen or gone.
    axes.plot([0, 1], [2, 2], color=ROUTES[0][2], linewidth=4, solid_capstyle="butt")
    axes.plot([3], [2], marker="x", color=ROUTES[0][2])
    axes.text(3.6, 2, "vein: alive to day 1, gone (x) at day 3 (mouse, rat)", va="center", fontsize=7)
    axes.plot([0, 7], [4, 4], color=ROUTES[1][2], linewidth=4, solid_capstyle="butt")
    axes.text(7.8, 4, "beside a wound: strong to day 7 (rat)", va="center", fontsize=7)
    human = [(0.02, 0.27, 0.335), (10.0, 0.02, 0.054)]
    for index, (day, low, high) in enumerate(human):
        label = "label in the lung, dead cells too (4 patients)" if index == 0 else None
        axes.plot([day, day], [low, high], color="black", linewidth=2, alpha=0.7, label=label)
    axes.set(yscale="log", ylim=(1e-3, 7), ylabel="living cells, share of those given")


def draw_imprint(axes):
    for route, _, color in ROUTES:
        for efficacy, style in [(0.3, "-"), (0.1, "--")]:
            table = course(route, efficacy=efficacy)
            axes.plot(table[:, 0], table[:, 2], color=color, linestyle=style)
    axes.plot([0, DAYS], [0, 0], color="grey", linewidth=2.5)
    axes.text(DAYS, 0.68, "efficacy 0.3, dashed 0.1", ha="right", fontsize=7)
    axes.text(DAYS, 0.04, "efficacy 0, any route", ha="right", fontsize=7)
    axes.set(ylim=(-0.05, 2.05), ylabel="imprint (2 is its ceiling)")


def main():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), dpi=110, layout="constrained")
    draw_cells(left)
    draw_imprint(right)
    for axes in (left, right):
        # Early days need room: the square root of time.
        axes.set_xscale("function", functions=(lambda t: np.sqrt(np.maximum(t, 0)), np.square))
        axes.set(xlim=(0, DAYS), xlabel="days after the dose")
        axes.set_xticks([0, 1, 3, 7, 14, 28, 42, 60])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(fontsize=7, frameon=False, loc="outside lower center", ncols=5)
    figure.savefig(ROOT / "docs" / "images" / "msc_routes.png")


if __name__ == "__main__":
    main()
