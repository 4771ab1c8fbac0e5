"""Brings the tables "simulated beside published" of the catalogue pages up to date with finished runs.

    regraft run mist --doubt 0 --out RUNS/mist      (and so on, one folder a trial)
    python docs/catalogue/rows.py RUNS                    (says what would change)
    python docs/catalogue/rows.py RUNS --write [PAGE.md ...]

A row is found by its trial and the published value in it, and, where several have the same, by title, arm and time.
What is simulated, the range of a trial of that size and whether it is inside are written anew, with as many digits as
stood there; nothing else of a page is touched, but the sentence that counts rows. Rows that no finding fits are named,
and so are published values that no row of the disease's page shows.
Tables of arms side by side, between marks, are written by arms.py.
"""

import argparse
import json
import re
from pathlib import Path

import arms as side_by_side
import shares

NUMBER = r"[−-]?\d[\d,]*(?:\.\d+)?"
RANGE = re.compile(rf"({NUMBER})(\s*%)?(?: \(({NUMBER}) to ({NUMBER})\))?")
COUNT = re.compile(r"Of \d+ figures that can be judged \d+ lie inside; \d+ ha(?:s|ve) no interval")
PAGES = Path(__file__).parent


def number(text):
    return float(text.replace("−", "-").replace(",", ""))


def digits(text):
    return len(text.partition(".")[2])


def written(value, like):
    text = f"{value:.{digits(like)}f}"
    if "," in like or abs(value) >= 10000:
        text = f"{value:,.{digits(like)}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−") if "−" in like or ("-" not in like and value < 0) else text


def findings_of(folder):
    data = json.loads((folder / "findings.json").read_text())
    titles = {arm["id"]: arm["title"] for arm in data["arms"]}
    for one in data["findings"]:
        arm = titles[one["arm"]]
        words = {arm, one["arm"]}
        if one["versus"]:
            words = {f"{arm} against {titles[one['versus']]}"}
        yield one, words


def times(one):
    days = one["time_days"]
    if days is None:
        return []
    years = days / 365.25
    return [f"day {days:g},", f"day {days:g} ", f"day {days:g}|", f"{years:.3g} y"]


def same(text, value):
    return value is not None and abs(number(text) - value) <= 0.5 * 10.0 ** -digits(text) + 1e-9


def fits(one, published, cell):
    """Whether what is printed in the cell is this published value."""
    for match in RANGE.finditer(cell.split("`")[0]):
        value, _, low, high = match.groups()
        if not same(value, published["value"]):
            continue
        if (low is None) == (published["ci_low"] is None) and (
            low is None or (same(low, published["ci_low"]) and same(high, published["ci_high"]))
        ):
            return True
    return False


def likeness(one, published, arms, row, last):
    score = 0.0
    text = " | ".join(row)
    lower = text.lower()
    score += 4 * (one["title"].lower() in lower)
    score += 3 * max((any(word.lower() == cell.lower() for cell in row) for word in arms), default=0)
    score += 2 * any(re.search(rf"(?<![\w-]){re.escape(word.lower())}(?![\w-])", lower) is not None for word in arms)
    score += 2 * any(label in text + "|" for label in times(one))
    score += 1 * (published["trial_id"] in text)
    score += 0.5 * (last is not None and one["endpoint"] == last)
    return score


def simulated(cell, one):
    match = RANGE.search(cell)
    if match is None:
        return cell
    value, percent, low, high = match.groups()
    text = written(one["estimate"], value) + (percent or "")
    if low is not None:
        ends = (one["ci_low"], one["ci_high"])
        if None in ends:
            return cell
        text += f" ({written(ends[0], low)} to {written(ends[1], high)})"
    return cell[: match.start()] + text + cell[match.end() :]


def verdict(cell, one, published):
    if published["ci_low"] is None:
        return cell
    word = "yes" if published["ci_low"] <= one["estimate"] <= published["ci_high"] else "no"
    if cell.replace("*", "").startswith(word):
        return cell
    return "yes" if word == "yes" else "**no**"


def refresh(page, folders, say):
    lines = page.read_text().split("\n")
    head, trial, last, counts = None, None, None, [0, 0, 0]
    runs = {}
    for index, line in enumerate(lines):
        if not line.startswith("|"):
            head, trial, last = None, None, None
            continue
        row = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if head is None:
            head = row
            continue
        if "simulated" not in head or "published" not in head or set(line) <= set("|-: "):
            continue
        named = re.findall(r"`(\w+)`", row[0])
        if named:
            trial, last = named[0], None
        if trial is None or len(row) != len(head):
            continue
        if trial not in folders:
            say(f"{page.name}:{index + 1}: no run of {trial}")
            continue
        if trial not in runs:
            runs[trial] = list(findings_of(folders[trial]))
        cell = row[head.index("published")]
        found = [
            (likeness(one, published, arms, row, last), one, published)
            for one, arms in runs[trial]
            if one["estimate"] is not None
            for published in one["published"]
            if fits(one, published, cell)
        ]
        if not found:
            counts[2] += "inside?" in head
            say(f"{page.name}:{index + 1}: no finding for {line}")
            continue
        found.sort(key=lambda each: -each[0])
        score, one, published = found[0]
        if published["ci_low"] is None and score < 4 and not re.search(r"\d\.\d\d", cell):
            say(f"{page.name}:{index + 1}: no finding for certain for {line}")
            continue
        alike = [each for each in found if each[0] == found[0][0] and each[1]["estimate"] != one["estimate"]]
        if alike:
            say(f"{page.name}:{index + 1}: several findings for {line}")
            continue
        last = one["endpoint"]
        row[head.index("simulated")] = simulated(row[head.index("simulated")], one)
        if "a trial of that size" in head and one["predicted_low"] is not None:
            size = head.index("a trial of that size")
            match = re.search(rf"({NUMBER}) to ({NUMBER})", row[size])
            if match:
                ends = [written(one[key], text) for key, text in zip(("predicted_low", "predicted_high"), match.groups())]
                row[size] = row[size][: match.start()] + " to ".join(ends) + row[size][match.end() :]
        if "inside?" in head:
            place = head.index("inside?")
            row[place] = verdict(row[place], one, published)
            plain = row[place].replace("*", "")
            counts[0 if plain.startswith("yes") else 1 if plain.startswith("no,") or plain == "no" else 2] += 1
        lines[index] = "".join(f"| {each} " if each else "| " for each in row) + "|"
        if lines[index] != line:
            say(f"{page.name}:{index + 1}\n  - {line}\n  + {lines[index]}")
    text = "\n".join(lines)
    judged = counts[0] + counts[1]
    text = COUNT.sub(
        f"Of {judged} figures that can be judged {counts[0]} lie inside; {counts[2]} ha{'s' if counts[2] == 1 else 've'} no interval", text
    )
    return text


def unseen(page, text, folders, say):
    """Names published values of the disease's trials that no row of its page shows."""
    trials = {one["id"] for one in shares.cards("trials") if one["disease"] == page.stem}
    cells, trial = {}, None
    for line in text.split("\n"):
        row = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else [""]
        named = re.findall(r"`(\w+)`", row[0])
        trial = named[0] if named else trial if len(row) > 1 else None
        cells.setdefault(trial, []).extend(row)
    for trial in sorted(trials & folders.keys()):
        for one, _ in findings_of(folders[trial]):
            for published in one["published"]:
                if not any(fits(one, published, cell) for cell in cells.get(trial, [])):
                    name = f"{one['title']}, {one['arm']}, day {one['time_days']}"
                    say(f"{page.name}: no row of {trial}: {name}, published {published['value']:g} ({published['trial_id']})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, help="folder of run folders, each named as its trial")
    parser.add_argument("pages", nargs="*", type=Path, help="pages (default: all of the catalogue)")
    parser.add_argument("--write", action="store_true", help="change the pages")
    options = parser.parse_intermixed_args()
    folders = {each.parent.name: each.parent for each in options.runs.glob("*/findings.json")}
    for page in options.pages or sorted(PAGES.glob("*.md")):
        text = side_by_side.filled(refresh(page, folders, print), folders, lambda said: print(f"{page.name}: {said}"))
        unseen(page, text, folders, print)
        if text != page.read_text():
            print(f"{page}: {'changed' if options.write else 'would change'}")
            if options.write:
                page.write_text(text)


if __name__ == "__main__":
    main()
