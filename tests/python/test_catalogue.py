"""Tables of the catalogue: what their marks ask for is in the library, and a table is written as its run says."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "catalogue"
sys.path.insert(0, str(PAGES))

import arms  # noqa: E402


def finding(endpoint, arm, estimate, **others):
    blank = {"versus": None, "time_days": None, "ci_low": None, "ci_high": None, "unit": "points", "method": "mean"}
    return {"endpoint": endpoint, "title": endpoint.capitalize(), "arm": arm, "estimate": estimate} | blank | others


@pytest.fixture
def folders(tmp_path):
    run = {
        "arms": [{"id": "cells", "title": "Cells"}, {"id": "none", "title": "No cells"}],
        "findings": [
            finding("survival", "cells", 81.25, unit="percent", time_days=1826.25, ci_low=74.9, ci_high=85.94),
            finding("survival", "none", 0.0, unit="percent", time_days=1826.25, ci_low=0.0, ci_high=3.6),
            finding("survival", "cells", -2.5, unit="percent", time_days=1826.25, versus="none", title="Difference"),
            finding("score", "none", 12.345, time_days=0.0),
        ],
    }
    (tmp_path / "findings.json").write_text(json.dumps(run))
    return {"a_trial": tmp_path}


def page(mark):
    return f"before\n\n<!-- arms: {mark} -->\nold\n<!-- arms: end -->\n\nafter\n"


def test_everything_is_shown_where_nothing_is_chosen(folders):
    told = []
    text = arms.filled(page("a_trial"), folders, told.append)
    assert told == []
    assert "old" not in text and text.startswith("before\n") and text.endswith("after\n")
    assert [line for line in text.split("\n") if line.startswith("|")] == [
        "| `a_trial` | Cells | No cells |",
        "|---|---|---|",
        "| Survival, 5 y (%) | 81.2 (74.9 to 85.9) | 0.0 (0.0 to 3.6) |",
        "| Difference, 5 y (%) | −2.5 | |",
        "| Score, before | | 12.3 |",
    ]
    assert arms.filled(text, folders, told.append) == text


def test_arms_and_endpoints_are_chosen(folders):
    text = arms.filled(page('a_trial none="nothing" : survival@1826 score'), folders, print)
    assert [line for line in text.split("\n") if line.startswith("|")] == [
        "| `a_trial` | nothing |",
        "|---|---|",
        "| Survival, 5 y (%) | 0.0 (0.0 to 3.6) |",
        "| Score, before | 12.3 |",
    ]


@pytest.mark.parametrize("mark", ["another", "a_trial nobody : score", "a_trial : survival@100", "a_trial : versus:score"])
def test_what_is_not_there_is_told_and_the_table_kept(folders, mark):
    told = []
    assert arms.filled(page(mark), folders, told.append) == page(mark)
    assert len(told) == 1


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_marks_of_a_page_ask_for_what_the_library_has(path):
    marks = arms.BLOCK.findall(path.read_text())
    assert len(marks) == len(re.findall(r"<!-- arms: (?!end)", path.read_text()))
    for mark in marks:
        asked = arms.Asked(mark)
        trial = tomllib.loads((ROOT / "library" / "trials" / f"{asked.trial}.toml").read_text())
        assert set(asked.arms) <= {arm["id"] for arm in trial["arm"]}
        shown = {analysis["endpoint"] for analysis in trial["analysis"]}
        assert {name.removeprefix("versus:").partition("@")[0] for name in asked.endpoints} <= shown
