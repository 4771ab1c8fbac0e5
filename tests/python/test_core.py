"""The library's core in independent hands: it gives the committed trajectories.

The tables of `tests/reference/trajectories` were made from the immune core in one file.
Here the library's version, split into modules, is read by `antimony` and solved by roadrunner (CVODE),
and held against the tables in the error measure of the tables' README.
"""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import roadrunner
from antimony_text import MODELS, sbml

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "tests" / "reference" / "trajectories"

# Relative tolerance of CVODE here; the tables were made at 1e-11.
RELATIVE_TOLERANCE = 1e-10
# Of the library's model against the table. CVODE at 1e-9 is 2e-7 away from itself at 1e-11 (versions.txt).
LARGEST_ERROR = 1e-6
# Added to the size of a state: one that rests at 0 is left with differences of rounding.
ROUNDING = 1e-9
# A state that neither side takes beyond this is at rest: what moves it is the rounding of a difference that is 0
# (the mobilization of stem cells without G-CSF: 1e-16).
AT_REST = 1e-14
# Drug amounts and infused cells decay to nothing, where a relative error has no meaning.
DRUGS = {"C1", "C2", "C3", "C4", "ATG", "RTX", "RTp", "PRD", "ISX", "GD1", "SC", "ML", "MT"}


def rows(name, case=None):
    with open(TABLES / name, newline="") as file:
        return [row for row in csv.DictReader(file) if case is None or row["case"] == case]


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The library's core with the drugs of the tables, which have the numbers of the design."""
    folder = shutil.copytree(MODELS, tmp_path_factory.mktemp("core") / "models")
    shutil.copy(TABLES / "drugs.ant", folder)
    runner = roadrunner.RoadRunner(sbml(folder / "immune_core.ant"))
    runner.integrator.maximum_num_steps = 1_000_000
    runner.integrator.max_output_rows = 1_000_000
    return runner


def flat(name):
    """The library's `marrow.neutrophils` is `marrow_neutrophils` in SBML."""
    return name.replace(".", "_")


def start(runner, case):
    """Puts the case's own values in and sets tolerances by the size of each state."""
    # Frequencies that are drawn move the steps though nothing else depends on them here.
    runner.setSeed(1)
    runner.resetAll()
    for row in rows("overrides.csv", case):
        if row["name"]:
            runner[flat(row["name"])] = float(row["library_value"])
    sizes = [abs(runner[state]) or 1.0 for state in runner.getRateRuleIds()]
    runner.integrator.relative_tolerance = RELATIVE_TOLERANCE
    runner.integrator.absolute_tolerance = [1e-4 * RELATIVE_TOLERANCE * max(size, 1e-2) for size in sizes]


def simulate(runner, case, names, times):
    """Array [time, name]: the course is cut at every dose, which is then given."""
    start(runner, case)
    runner.timeCourseSelections = ["time", *names]
    doses = [(float(row["time_days"]), row) for row in rows("doses.csv", case)]
    found, now = {}, times[0]
    for stop in sorted({day for day, _ in doses} | {times[-1]}):
        if stop > now:
            grid = sorted({now, stop} | {time for time in times if now < time < stop})
            found.update((row[0], row[1:]) for row in np.array(runner.simulate(times=grid)))
        now = stop
        for day, row in doses:
            if day == now:
                name, amount = flat(row["name"]), float(row["library_amount"])
                runner[name] = amount + (runner[name] if row["kind"] == "add" else 0.0)
    return np.array([found[time] for time in times])


def largest_error(values, reference):
    """max over times and states that are not at rest of |y - ref| / (|ref| + 1e-3 max over time of |ref| + 1e-9)"""
    moved = np.maximum(np.abs(values).max(axis=0), np.abs(reference).max(axis=0)) > AT_REST
    values, reference = values[:, moved], reference[:, moved]
    scale = np.abs(reference) + 1e-3 * np.abs(reference).max(axis=0) + ROUNDING
    return (np.abs(values - reference) / scale).max()


@pytest.mark.parametrize("case", ["healthy", "untreated", "beam_atg", "cy200_atg", "steroids"])
def test_the_library_core_gives_the_committed_trajectories(core, case):
    table = rows(f"{case}.csv")
    known = [row for row in rows("symbols.csv") if row["kind"] == "state" and row["case"] in ("all", case)]
    kept = [row for row in known if row["symbol"] not in DRUGS]
    assert len(kept) > 45, "few states of the table have a name in the library"
    times = [float(row["time_days"]) for row in table]
    reference = np.array([[float(row[k["symbol"]]) * float(k["factor"]) for k in kept] for row in table])
    values = simulate(core, case, [flat(k["name"]) for k in kept], times)
    assert largest_error(values, reference) < LARGEST_ERROR
