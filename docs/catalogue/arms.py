"""Tables of arms side by side in the catalogue's pages, written from finished runs; rows.py calls it for every page.

A page says which table stands where, in two marks that are seen in its source alone:

    <!-- arms: TRIAL from=DAYS ARM ARM="Heading" : ENDPOINT ENDPOINT@DAY versus:ENDPOINT -->
    (the table, which is written anew)
    <!-- arms: end -->

Without arms all are shown, under their titles in the trial; without endpoints all analyses, contrasts too.
DAY is that of the trial; `from` is the day of the trial on which the day count of the table begins, and may be left out.
"""

import json
import math
import re
import shlex

BLOCK = re.compile(r"<!-- arms: (?!end)(.*?) -->\n.*?<!-- arms: end -->", re.DOTALL)
TIMED = re.compile(r"\b(at|by|after|within|in)\b.*\b(years?|months?|weeks?|day \d+)\b")
UNITS = {
    "percent": "%",
    "cells/uL": "per µL",
    "Mcell": "million cells",
    "IU/mL": "IU/mL",
    "g/L": "g/L",
    "G/L": "G/L",
    "mg/day": "mg a day",
    "mg": "mg",
    "rate_ratio": "ratio of rates",
    "hazard_ratio": "hazard ratio",
    "%": "%",
}
DIGITS = {"percent": 1, "per_year": 2, "rate_ratio": 2, "hazard_ratio": 2}


class Asked:
    """What a mark asks for."""

    def __init__(self, mark):
        words = shlex.split(mark)
        self.trial, *words = words
        place = words.index(":") if ":" in words else len(words)
        options = [word.partition("=") for word in words[:place]]
        self.start = next((float(value) for name, _, value in options if name == "from"), 0.0)
        self.arms = {name: heading for name, _, heading in options if name != "from"}
        self.endpoints = words[place + 1 :]

    def wants(self, one, name):
        endpoint, _, day = name.removeprefix("versus:").partition("@")
        return (
            one["endpoint"] == endpoint
            and (one["versus"] is not None) == name.startswith("versus:")
            and (not day or (one["time_days"] is not None and abs(one["time_days"] - float(day)) < 1))
        )


def when(one, start):
    days = one["time_days"]
    if days is None or TIMED.search(one["title"]):
        return ""
    days -= start
    if days < 1:
        return ", before"
    return f", {days / 365.25:.1f} y".replace(".0 y", " y") if days > 350 else f", day {days:g}"


def heading(one, start):
    unit = UNITS.get(one["unit"], "")
    return one["title"] + when(one, start) + (f" ({unit})" if unit and unit not in one["title"] else "")


def written(value, digits):
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def shown(one):
    if one["estimate"] is None:
        return "–"
    size = abs(one["estimate"])
    digits = DIGITS.get(one["unit"], max(0, 2 - math.floor(math.log10(size))) if size > 0 else 2)
    if one["method"] == "median_day":
        digits = 0
    if one["ci_low"] is None or one["ci_high"] is None:
        return written(one["estimate"], digits)
    low, high = (written(one[end], digits) for end in ("ci_low", "ci_high"))
    return f"{written(one['estimate'], digits)} ({low} to {high})"


def table(asked, data):
    titles = {arm["id"]: arm["title"] for arm in data["arms"]}
    arms = {arm: asked.arms.get(arm) or titles[arm] for arm in asked.arms or titles}
    found = data["findings"]
    if asked.endpoints:
        found = [one for name in asked.endpoints for one in found if asked.wants(one, name)]
    cells = {}
    for one in found:
        if one["arm"] in arms:
            cells.setdefault(heading(one, asked.start), {})[one["arm"]] = shown(one)
    lines = [f"| `{asked.trial}` | " + " | ".join(arms.values()) + " |", "|---" * (1 + len(arms)) + "|"]
    for title, row in cells.items():
        lines.append(f"| {title} |" + "".join(f" {row[arm]} |" if arm in row else " |" for arm in arms))
    return "\n".join(lines)


def problems(asked, data):
    arms = {arm["id"] for arm in data["arms"]}
    yield from (f"{asked.trial} has no arm {arm}" for arm in asked.arms if arm not in arms)
    for name in asked.endpoints:
        if not any(asked.wants(one, name) for one in data["findings"]):
            yield f"{asked.trial} has no finding {name}"


def filled(text, folders, say):
    """The page with every marked table written anew; a mark that asks for what is not there is told and its table kept."""

    def block(match):
        asked = Asked(match.group(1))
        if asked.trial not in folders:
            say(f"arms: no run of {asked.trial}")
            return match.group(0)
        data = json.loads((folders[asked.trial] / "findings.json").read_text())
        wrong = list(problems(asked, data))
        for each in wrong:
            say(f"arms: {each}")
        if wrong:
            return match.group(0)
        return f"<!-- arms: {match.group(1)} -->\n\n{table(asked, data)}\n\n<!-- arms: end -->"

    return BLOCK.sub(block, text)
