#!/usr/bin/env python3
"""Draws docs/images/clones.png: whose memory it is, before and after a transplant.

    REGRAFT=target/release/regraft python docs/biology/lymphocytes_and_clones.py

makes the runs and calls this with the folders of `regraft run mist` and `regraft run halt_ms`, made with a card of
relapsing multiple sclerosis that has three more laboratory values, `memory_first` to `memory_third`.
Prints the figures of docs/biology/clone.md.
"""
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

CLONES = ["memory_first", "memory_second", "memory_third"]
RUNS = [("MIST: unselected graft", 45.0), ("HALT-MS: CD34-selected graft", 0.0)]
SHOWN_DAYS = [30, 120, 360, 720, 1080, 1710]


def shares(folder, graft_day):
    """[patient, day, clone in order of size before], days from the graft; the first day is the one before."""
    table = pd.read_parquet(f"{folder}/observables.parquet")
    table = table[(table.arm == "hsct") & table.observable.isin(CLONES)]
    wide = table.pivot_table(index=["day", "patient"], columns="observable", values="value")[CLONES]
    days = sorted(wide.index.get_level_values("day").unique())
    patients = set.intersection(*[set(wide.loc[day].index) for day in days])
    patients = sorted(patients)
    cells = np.array([wide.loc[day].loc[patients].to_numpy() for day in days]).transpose(1, 0, 2)
    parts = cells / cells.sum(axis=2, keepdims=True)
    order = np.argsort(-parts[:, 0, :], axis=1)
    return np.array(days) - graft_day, np.take_along_axis(parts, order[:, None, :], axis=2), cells.sum(axis=2)


def main(runs, out):
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), sharey=True)
    for axis, folder, (title, graft_day) in zip(axes, runs, RUNS, strict=True):
        days, parts, total = shares(folder, graft_day)
        middle = np.median(parts, axis=0)
        for index, (label, color) in enumerate([("largest before", "#b5483a"), ("second", "#4a7fb0"), ("third", "#7d9b57")]):
            low, high = np.quantile(parts[:, :, index], [0.25, 0.75], axis=0)
            axis.fill_between(days / 365.25, low, high, color=color, alpha=0.2, lw=0)
            axis.plot(days / 365.25, middle[:, index], color=color, label=label)
        axis.set(title=title, xlabel="years after the graft", ylim=(0, 1))
        axis.axvline(0, color="0.6", lw=0.8)
        print(title, len(parts), "patients; before: largest", round(float(middle[0, 0]), 3))
        for day in SHOWN_DAYS:
            at = int(np.argmin(abs(days - day)))
            now = parts[:, at]
            other = float((now.argmax(axis=1) != 0).mean())
            moved = float(np.median(0.5 * abs(now - parts[:, 0]).sum(axis=1)))
            ill = total[:, at] > 40
            of_ill = float((now[ill].argmax(axis=1) != 0).mean()) if ill.any() else float("nan")
            print(f"  day {days[at]:.0f}: its share {middle[at, 0]:.2f}, another is largest in {other:.2f}, turnover {moved:.2f}, "
                  f"memory {np.median(total[:, at]):.2f} Mcell; diseased {int(ill.sum())}, another largest in {of_ill:.2f} of them")
    axes[0].set_ylabel("share of autoreactive memory")
    axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(out, dpi=150)


if __name__ == "__main__":
    main(sys.argv[1:3], sys.argv[3])
