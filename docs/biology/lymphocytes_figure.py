"""Draws simulated bands of lymphocytes against what was measured: docs/images/lymphocytes.png.

    REGRAFT=target/release/regraft python docs/biology/lymphocytes_and_clones.py

makes the runs and calls this with the folder that holds `mist` and `halt_ms`. Bands hold 80 of 100 patients, who live
with draws of the posterior, so what is not known of the parameters is in them.
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pyarrow.parquet as parquet

MONTH = 30.4375
# Run, day of the graft on the clock of the trial, color.
RUNS = [("mist", 45, "#1f6fb2", "Cy200, ATG"), ("halt_ms", 0, "#c4622d", "BEAM, ATG")]
PANELS = [
    ("cd4", "CD4 /µL"),
    ("naive_cd4", "Naive CD4 /µL"),
    ("memory_cd4", "Memory CD4 /µL"),
    ("emigrants", "Recent thymic emigrants /µL"),
    ("trec", "TREC per 100 CD4"),
    ("naive_share", "Naive share of CD4, relative to start"),
    ("treg", "Treg /µL"),
    ("treg_percent", "Treg, % of CD4"),
    ("cd8", "CD8 /µL"),
    ("naive_cd8", "Naive CD8 /µL"),
    ("memory_cd8", "Memory CD8 /µL"),
    ("cd4_cd8_ratio", "CD4 per CD8"),
    ("nk", "NK /µL"),
    ("cd19", "CD19 /µL"),
    ("naive_b", "Naive B /µL"),
    ("memory_b", "Memory B /µL"),
    ("igg", "IgG g/L"),
    ("igm", "IgM g/L"),
    ("iga", "IgA g/L"),
    ("ebv_load", "EBV, copies/mL"),
]
# Remembered windows of published series: plausibility, not evidence. Month, low, high.
WINDOWS = {
    "cd4": [(1, 15, 120), (3, 50, 200), (6, 90, 270), (12, 170, 400), (24, 280, 620)],
    "naive_cd4": [(6, 5, 60), (12, 40, 160), (24, 120, 320)],
    "cd8": [(1, 20, 250), (3, 150, 600), (6, 250, 700), (12, 300, 700)],
    "cd19": [(1, 0, 20), (3, 20, 150), (6, 80, 300), (12, 120, 400)],
    "nk": [(1, 80, 300), (3, 120, 300)],
    "treg_percent": [(3, 7, 18), (6, 7, 16), (12, 5, 13), (24, 4, 9)],
    "igg": [(3, 6, 11), (12, 6, 12)],
}


def course(folder, graft):
    table = parquet.read_table(f"{folder}/observables.parquet", filters=[("arm", "=", "hsct")]).to_pandas()
    table["month"] = (table.day - graft) / MONTH
    wide = table[table.observable.isin(["cd4", "naive_cd4"])]
    wide = wide.pivot(index=["patient", "month"], columns="observable", values="value").reset_index()
    wide["value"] = wide.naive_cd4 / wide.cd4
    first = wide.sort_values("month").groupby("patient").value.first()
    wide["value"] = wide.value / wide.patient.map(first)
    wide["observable"] = "naive_share"
    return table, wide


def measured(axes, start):
    """What was read and may be fitted; `start` holds the simulated medians before the graft."""
    point = {"fmt": "D", "color": "black", "markersize": 5, "zorder": 5}
    axes["cd4"].errorbar(24, 388, **point, label="measured")
    axes["naive_share"].errorbar(24, 2.0, **point)
    axes["emigrants"].errorbar(36, 2.0 * start["emigrants"], **point)
    axes["cd4"].hlines(500, 12, 60, color="black", linestyle=":")
    axes["cd8"].hlines(200, 3, 12, color="black", linestyle=":")


def main(runs, path):
    figure, grid = plt.subplots(5, 4, figsize=(12, 12.5), sharex=True, constrained_layout=True)
    axes = dict(zip([name for name, _ in PANELS], grid.flat, strict=True))
    start = {}
    for run, graft, color, label in RUNS:
        table, share = course(f"{runs}/{run}", graft)
        for name, title in PANELS:
            source = share if name == "naive_share" else table[table.observable == name]
            by = source.groupby("month").value
            middle, low, high = by.median(), by.quantile(0.1), by.quantile(0.9)
            axes[name].fill_between(middle.index, low, high, color=color, alpha=0.2, linewidth=0)
            axes[name].plot(middle.index, middle, color=color, label=label)
            axes[name].set_title(title, fontsize=9)
            start[name] = middle.iloc[0]
    for name, bars in WINDOWS.items():
        for month, low, high in bars:
            axes[name].vlines(month, low, high, color="0.6", linewidth=6, alpha=0.6, zorder=0)
    measured(axes, start)
    axes["ebv_load"].set_yscale("log")
    for axis in grid.flat:
        axis.set_xlim(-2, 60)
        axis.tick_params(labelsize=8)
        if axis is not axes["ebv_load"]:
            axis.set_ylim(bottom=0)
    for axis in grid[-1]:
        axis.set_xlabel("months after the graft", fontsize=8)
    axes["cd4"].legend(fontsize=7)
    figure.savefig(path, dpi=64)


if __name__ == "__main__":
    main(*sys.argv[1:])
