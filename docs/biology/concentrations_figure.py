"""Draws docs/images/concentrations.png: simulated concentrations of drugs over published ones, from the table of drugs.md.

    python docs/biology/concentrations_figure.py docs/images/concentrations.png

The table itself is written by `python tests/python/test_concentrations.py`. Needs matplotlib.
"""

import re
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PAGE = Path(__file__).parent / "drugs.md"
START, END = "<!-- concentrations -->", "<!-- end of concentrations -->"
INK, INK3, RULE, BLUE = "#17191e", "#666d78", "#d5d9df", "#1b5faa"
NUMBER = re.compile(r"\d[\d.]*")


def rows():
    """Drug, quantity, simulated over published, the published interval over the published value or None, read."""
    table = PAGE.read_text().split(START)[1].split(END)[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 8 or cells[0] == "drug" or cells[0].startswith("-"):
            continue
        drug, _, quantity, simulated, published, _, _, text = cells
        found = float(NUMBER.search(simulated)[0])
        value, *interval = (float(number) for number in NUMBER.findall(published.split(")")[0])[:3])
        interval = [bound / value for bound in interval] if "(" in published else None
        yield drug, quantity, found / value, interval, text == "read"


def main(out):
    found = list(rows())
    figure, axis = plt.subplots(figsize=(9, 0.235 * len(found) + 1.1), constrained_layout=True)
    axis.axvspan(0.5, 2, color=RULE, alpha=0.45, linewidth=0, label="within a factor of two")
    axis.axvline(1, color=INK3, linewidth=0.8)
    labels = set()

    def once(label):
        new = label not in labels
        labels.add(label)
        return label if new else None

    for height, (_, _, ratio, interval, read) in enumerate(reversed(found)):
        if interval:
            axis.plot(interval, [height, height], color=INK, linewidth=1.6, solid_capstyle="butt", label=once("published interval, over the published value"))
        face = BLUE if read else "white"
        name = "simulated over published, read" if read else "the same, remembered: not checked"
        axis.plot(ratio, height, "o", color=BLUE, markerfacecolor=face, markersize=5.5, zorder=3, label=once(name))
    names = [f"{drug}: {quantity}" for drug, quantity, *_ in reversed(found)]
    axis.set_yticks(range(len(found)), names, fontsize=8)
    axis.set_ylim(-0.8, len(found) - 0.2)
    axis.set_xscale("log")
    axis.set_xticks([0.1, 0.25, 0.5, 1, 2, 4], ["0.1", "0.25", "0.5", "1", "2", "4"])
    axis.minorticks_off()
    axis.set_xlim(0.08, 4.6)
    axis.set_xlabel("over the published value")
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="y", color=RULE, linewidth=0.5)
    axis.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    figure.savefig(out, dpi=110)


if __name__ == "__main__":
    main(sys.argv[1])
