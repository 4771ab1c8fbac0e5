"""The library's models in independent hands: they load elsewhere and give the committed trajectories.

The tables of `tests/reference/trajectories` were made from the immune core in one file.
Here the library's version, split into modules, is read by `antimony` and solved by roadrunner (CVODE),
and held against the tables in the error measure of the tables' README.
"""

import csv
import shutil
from pathlib import Path

import antimony
import numpy as np
import pytest
import roadrunner

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "library" / "models"
TABLES = ROOT / "tests" / "reference" / "trajectories"

# Relative tolerance of CVODE here; the tables were made at 1e-11.
RELATIVE_TOLERANCE = 1e-10
# Of the library's model against the table. CVODE at 1e-9 is 2e-7 away from itself at 1e-11 (versions.txt).
LARGEST_ERROR = 1e-6
# Added to the size of a state: one that rests at 0 is left with differences of rounding.
ROUNDING = 1e-9
# Drug amounts and infused cells decay to nothing, where a relative error has no meaning.
DRUGS = {"C1", "C2", "C3", "C4", "ATG", "RTX", "RTp", "PRD", "ISX", "GD1", "SC", "ML", "MT"}


def rows(name, case=None):
    with open(TABLES / name, newline="") as file:
        return [row for row in csv.DictReader(file) if case is None or row["case"] == case]


def sbml(name):
    antimony.clearPreviousLoads()
    # Imports are looked for in the folders of earlier loads too, and the core here has drugs of its own.
    antimony.clearDirectories()
    assert antimony.loadAntimonyFile(str(MODELS / name)) >= 0, antimony.getLastError()
    return antimony.getSBMLString(Path(name).stem)


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
    """max over times and states of |y - ref| / (|ref| + 1e-3 max over time of |ref| + 1e-9)"""
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


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.ant")), ids=lambda path: path.stem)
def test_every_model_of_the_library_loads_in_antimony(path):
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyFile(str(path)) >= 0, antimony.getLastError()
    assert antimony.getNumModules() > 1, "the text holds a model besides the unnamed main one"


def test_the_disease_model_runs_in_roadrunner():
    runner = roadrunner.RoadRunner(sbml("multiple_sclerosis.ant"))
    names = ["disease_signs_edss_latent", "immune_hazards_relapse_cumulative"]
    runner.timeCourseSelections = ["time", *names]
    table = np.array(runner.simulate(0, 365, 13))
    assert np.isfinite(table).all()
    assert (np.diff(table[:, 2]) > 0).all(), "an integrated hazard only grows"


def test_the_drive_of_antigen_is_the_sum_of_waves_that_it_states():
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyFile(str(MODELS / "fluctuation.ant")) >= 0, antimony.getLastError()
    runner = roadrunner.RoadRunner(antimony.getSBMLString("fluctuation_module"))
    amplitude, tau, octave = 0.4, 90.0, 0.37
    even, odd = np.random.default_rng(1).normal(size=(2, 8))
    values = {"amplitude": amplitude, "correlation_time": tau, "octave": octave}
    values |= {f"even{wave + 1}": even[wave] for wave in range(8)}
    values |= {f"odd{wave + 1}": odd[wave] for wave in range(8)}
    for name, value in values.items():
        runner[name] = value
    runner.timeCourseSelections = ["time", "antigen_drive"]
    table = np.array(runner.simulate(0, 730, 74))
    frequency = 2.0 ** (octave - 5 + np.arange(8))
    weight = frequency / (1 + frequency**2)
    angle = frequency * table[:, :1] / tau
    waves = (np.sqrt(weight / weight.sum()) * (even * np.cos(angle) + odd * np.sin(angle))).sum(axis=1)
    # The double angle doubles the rounding error eight times.
    assert np.abs(table[:, 1] - np.exp(amplitude * waves - amplitude**2 / 2)).max() < 1e-11
