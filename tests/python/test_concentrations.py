"""Concentrations of the drug cards beside published values that no card uses as a parameter.

Each drug's part of the model is written by `regraft model drugs`, given the dose of the row by `regraft model simulate`
in a patient of 70 kg and 1.8 m2, and measured as the publication did. The table stands in `docs/biology/drugs.md`;
`python tests/python/test_concentrations.py` prints it. A value that was not read is never called checked.
"""

import csv
import io
import math
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGRAFT = os.environ.get("REGRAFT", "target/debug/regraft")
PUBLISHED = ROOT / "tests" / "reference" / "concentrations" / "published.csv"
PAGE = ROOT / "docs" / "biology" / "drugs.md"
START, END = "<!-- concentrations -->", "<!-- end of concentrations -->"
HOURS = 24.0
# States that receive doses, the first that there is.
PLACES = ("depot", "amount")
# Units of a row, per that of the simulation (mg/L, h).
SCALE = {"": 1, "h": 1, "day": 1 / HOURS, "mg/L": 1, "ug/L": 1000, "mg*h/L": 1, "L/h": 1}


def rows():
    with open(PUBLISHED, newline="") as file:
        return list(csv.DictReader(file))


def call(*arguments):
    done = subprocess.run([REGRAFT, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def course(row):
    """Hours, and columns of the drug by name."""
    drug, dose, hours, times, every = row["drug"], float(row["dose_mg"]), float(row["hours"]), int(row["times"]), float(row["every_hours"])
    end = max(float(row["to_hours"] or 0), (times - 1) * every + hours + 24)
    if row["measure"] == "days_above":
        end = 24 * 120
    text = call("model", "drugs", drug, "--library", ROOT / "library")
    with tempfile.TemporaryDirectory() as folder:
        model, doses = Path(folder) / "drugs.ant", Path(folder) / "doses.csv"
        model.write_text(text)
        place = next(p for p in PLACES if f"\n  {p} = 0;" in text)
        rate = dose / (hours / HOURS) if hours else 0
        head = "ID,TIME,AMT,EVID,CMT,RATE,ADDL,II\n"
        doses.write_text(head + f"1,0,{dose},1,{drug}.{place},{rate},{times - 1},{every / HOURS}\n")
        step = min(0.05, end / 2000)
        steps = math.ceil(end / step)
        out = call("model", "simulate", model, "--to", end / HOURS, "--every", end / HOURS / steps,
                   "--doses", doses, "--rtol", "1e-8", "--out", "-")
    table = list(csv.DictReader(io.StringIO(out)))
    columns = {name: [float(line[name]) for line in table] for name in table[0] if name.startswith(drug + ".")}
    return [float(line["time"]) * HOURS for line in table], columns


def area(hours, values, start, end):
    pairs = list(zip(hours, values, strict=True))
    return sum((t2 - t1) * (v1 + v2) / 2 for (t1, v1), (t2, v2) in zip(pairs, pairs[1:], strict=False) if t1 >= start - 1e-9 and t2 <= end + 1e-9)


def measure(row):
    """The row's quantity as simulated, in its unit."""
    hours, columns = course(row)
    drug = row["drug"]
    level = columns[f"{drug}.concentration"]
    start, end = float(row["from_hours"]), float(row["to_hours"] or 0)
    inside = [(t, c) for t, c in zip(hours, level, strict=True) if start - 1e-9 <= t <= end + 1e-9]
    match row["measure"]:
        case "cmax":
            value = max(c for _, c in inside)
        case "trough":
            value = inside[-1][1]
        case "auc":
            value = area(hours, level, start, end)
        case "half_life":
            (t1, c1), (t2, c2) = inside[0], inside[-1]
            value = math.log(2) * (t2 - t1) / math.log(c1 / c2)
        case "clearance":
            # What left the body in this time over the area: a dose counts as far as it went in.
            bodies = [n for n in columns if n.endswith((".amount", "_amount", ".depot"))]
            body = [sum(columns[n][i] for n in bodies) for i in range(len(hours))]
            first = min(range(len(hours)), key=lambda i: abs(hours[i] - start))
            last = min(range(len(hours)), key=lambda i: abs(hours[i] - end))
            value = (given(row, start, end) - (body[last] - (body[first] if start > 0 else 0))) / area(hours, level, start, end)
        case "active_ratio":
            active = columns[f"{drug}.active_concentration"]
            value = area(hours, active, start, end) / area(hours, active, 0, end - start)
        case "days_above":
            last_dose = (int(row["times"]) - 1) * float(row["every_hours"])
            value = max(t for t, c in zip(hours, level, strict=True) if c > start) - last_dose - HOURS
    return value * SCALE[row["unit"]]


def given(row, start, end):
    """Amount that went in between two hours."""
    dose, hours, every = float(row["dose_mg"]), float(row["hours"]), float(row["every_hours"])
    total = 0.0
    for number in range(int(row["times"])):
        begin = number * every
        if hours == 0:
            total += dose if start <= begin < end else 0.0
        else:
            total += dose / hours * max(0.0, min(end, begin + hours) - max(start, begin))
    return total


def short(value):
    """Three digits, without a power of ten."""
    return f"{float(f'{value:.3g}'):g}"


def table():
    """The table of the page."""
    lines = ["| drug | dose | quantity | simulated | published | simulated over published | source | text |", "|---|---|---|---|---|---|---|---|"]
    for row in rows():
        value, published = measure(row), float(row["published"])
        spread = f" ({row['low']} to {row['high']})" if row["low"] else ""
        unit = f" {row['unit']}".rstrip()
        ratio = short(value / published) if row["read"] == "yes" else "not checked"
        note = f"; {row['note']}" if row["note"] else ""
        text = "read" if row["read"] == "yes" else "remembered"
        lines.append(f"| {row['drug']} | {row['dose']} | {row['quantity']} | {short(value)}{unit} | {row['published']}{spread}{unit} | {ratio} | {row['source']}{note} | {text} |")
    return "\n".join(lines)


def test_the_table_of_the_page_is_what_the_cards_give():
    page = PAGE.read_text()
    kept = page.split(START)[1].split(END)[0].strip()
    assert kept == table(), "write it anew: python tests/python/test_concentrations.py"


# A course at whose exposure a card states its log-kills, in 70 kg and 1.8 m2: dose (mg), hours, times, hours between.
COURSES = {
    "cytarabine": (180, 1, 8, 12),
    "etoposide": (360, 2, 4, 24),
    "thiotepa": (350, 2, 2, 24),
    "melphalan": (252, 0.5, 1, 0),
    "carmustine": (540, 2, 1, 0),
}


@pytest.mark.parametrize("drug", COURSES)
def test_the_exposure_of_the_log_kills_is_that_of_the_course(drug):
    dose, hours, times, every = COURSES[drug]
    row = {"drug": drug, "dose_mg": dose, "hours": hours, "times": times, "every_hours": every, "to_hours": 240, "measure": "auc"}
    moments, columns = course(row)
    found = area(moments, columns[f"{drug}.concentration"], 0, math.inf) / HOURS
    card = tomllib.loads((ROOT / "library" / "drugs" / f"{drug}.toml").read_text())
    stated = card["kill"]["reference_exposure"]
    assert stated["unit"] == "mg*day/L"
    assert found == pytest.approx(stated["value"], rel=0.02), f"{drug}: {found}"


@pytest.mark.parametrize("drug", ["cytarabine", "etoposide", "thiotepa", "atg", "rituximab"])
def test_what_is_given_is_in_the_body_or_eliminated(drug):
    """What was cleared is added up here from the concentration and the numbers of the card."""
    row = {"drug": drug, "dose_mg": 350, "hours": 2, "times": 3, "every_hours": 12, "to_hours": 96, "measure": "auc"}
    hours, columns = course(row)
    card = tomllib.loads((ROOT / "library" / "drugs" / f"{drug}.toml").read_text())["pharmacokinetics"]
    number = lambda key: card[key]["value"] / (HOURS if "/day" in card[key]["unit"] else 1) if key in card else 0.0
    share = number("active_share") or 1.0
    blood = [level / share for level in columns[f"{drug}.concentration"]]
    half = number("half_saturation") or 1.0
    cleared = [(number("clearance") + number("saturable_clearance") * half / (half + level)) * level for level in blood]
    gone, body = 0.0, [sum(columns[n][i] for n in columns if n.endswith("amount")) for i in range(len(hours))]
    for i in range(1, len(hours)):
        gone += (hours[i] - hours[i - 1]) * (cleared[i] + cleared[i - 1]) / 2
        assert gone + body[i] == pytest.approx(given(row, 0, hours[i]), rel=2e-3, abs=1.0), (drug, hours[i])


def test_no_published_value_is_used_by_a_card_and_every_unit_is_known():
    for row in rows():
        assert row["unit"] in SCALE, row
        assert row["read"] in ("yes", "no"), row


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
