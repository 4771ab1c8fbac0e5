"""Writes the table of the catalogue's index that says how many published values lie about what is simulated.

    for trial in library/trials/*.toml; do id=$(basename $trial .toml); regraft run $id --doubt 0 --out RUNS/$id; done
    python docs/catalogue/shares.py RUNS docs/catalogue/README.md

Reads the cards of the library and findings.json of every run folder in RUNS, and writes between the marks of the page.
One comparison is one published value beside one simulated finding; it is judged where the published value has an
interval, and inside where the simulated value lies in it. Needs Python 3.11.
"""

import argparse
import json
import tomllib
from pathlib import Path

LIBRARY = Path(__file__).parents[2] / "library"
BEGIN, END = "<!-- shares: begin -->", "<!-- shares: end -->"
CELLS = ("ahsct", "allo", "msc")
GRADES = {
    "strong": "strong",
    "strong_moderate": "strong to moderate",
    "moderate": "moderate",
    "moderate_weak": "moderate to weak",
    "weak": "weak",
    "weak_conflicting": "weak, conflicting",
    "conflicting": "conflicting",
    "negative": "negative",
}


def cards(folder):
    for path in sorted((LIBRARY / folder).glob("*.toml")):
        yield tomllib.loads(path.read_text())


def cell_therapies(disease):
    graded = [one for one in disease.get("grade", []) if one["therapy"].startswith(CELLS)]
    return ", ".join(f"`{one['therapy']}` {GRADES.get(one['grade'], 'extrapolated')}" for one in graded) or "none graded"


def compared(folder):
    """Comparisons of a run: inside, outside, not judged."""
    counts = [0, 0, 0]
    data = json.loads((folder / "findings.json").read_text())
    for one in data["findings"]:
        for row in one["published"]:
            if row["ci_low"] is None or one["estimate"] is None:
                counts[2] += 1
            else:
                counts[0 if row["ci_low"] <= one["estimate"] <= row["ci_high"] else 1] += 1
    return counts


def table(runs):
    trials = {}
    for trial in cards("trials"):
        trials.setdefault(trial["disease"], []).append(trial["id"])
    lines = [
        "| disease | cell therapies and their grade | trials shipped | inside, of those judged | not judged |",
        "|---|---|---|---|---|",
    ]
    total, shipped, missing = [0, 0, 0], 0, []
    for disease in cards("diseases"):
        sums = [0, 0, 0]
        own = trials.get(disease["id"], [])
        for trial in own:
            if not (runs / trial / "findings.json").exists():
                missing.append(trial)
                continue
            sums = [a + b for a, b in zip(sums, compared(runs / trial))]
        judged = sums[0] + sums[1]
        share = f"{sums[0]} of {judged} ({100 * sums[0] / judged:.0f} %)" if judged else "–"
        names = ", ".join(f"`{trial}`" for trial in own)
        lines.append(f"| [{disease['title']}]({disease['id']}.md) | {cell_therapies(disease)} | {names} | {share} | {sums[2]} |")
        total = [a + b for a, b in zip(total, sums)]
        shipped += len(own)
    judged = total[0] + total[1]
    share = f"{100 * total[0] / judged:.0f} %" if judged else "–"
    lines.append(f"| all | | {shipped} | {total[0]} of {judged} ({share}) | {total[2]} |")
    return "\n".join(lines), missing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, help="folder of run folders, each named as its trial")
    parser.add_argument("page", type=Path, help="page with the marks")
    options = parser.parse_args()
    text, missing = table(options.runs)
    if missing:
        raise SystemExit(f"no run of {', '.join(missing)} in {options.runs}")
    page = options.page.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    options.page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    main()
