"""Mesenchymal stromal cells in independent hands: what must hold whatever their numbers are."""

from pathlib import Path

import antimony
import numpy as np
import pytest
import roadrunner

MODELS = Path(__file__).resolve().parents[2] / "library" / "models"
CELLS = ["cells_in_lung", "cells_in_tissue", "cells_at_site", "cells_in_csf", "dying_cells"]
STATES = [*CELLS, "sensitization", "secretome", "imprint"]
ROUTES = ["intravenous_dose", "local_dose", "intrathecal_dose"]
# Near the diseased state of multiple sclerosis.
DISEASED = {
    "clone_treg_fitness": 0.5,
    "clone_thymic_leak": 2.0,
    **{f"{one}_clone_memory": 100.0 / 3 for one in ("first", "second", "third")},
    **{f"{one}_clone_resident_memory": 2.0 for one in ("first", "second", "third")},
    **{f"{one}_clone_effectors": 20.0 / 3 for one in ("first", "second", "third")},
    "clone_antigen_specific_regulation": 0.4,
    "tissue_inflamed": 0.27,
}


def load(path, model):
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyFile(str(path)) >= 0, antimony.getLastError()
    runner = roadrunner.RoadRunner(antimony.getSBMLString(model))
    runner.integrator.relative_tolerance = 1e-9
    runner.integrator.maximum_num_steps = 1_000_000
    return runner


@pytest.fixture(scope="module")
def module():
    return load(MODELS / "msc.ant", "msc_module")


@pytest.fixture(scope="module")
def core():
    return load(MODELS / "immune_core.ant", "immune_core")


def course(module, doses, days=60, inflammation=0.9, inflamed=0.27, **product):
    """Array [time, state] of the module alone under constant inflammation; `doses` are (day, route, cells)."""
    module.resetAll()
    for name, value in {"inflammation": inflammation, "inflamed": inflamed, "csf_access": 1, **product}.items():
        module[name] = value
    module.timeCourseSelections = ["time", *STATES]
    found, now = [], 0.0
    for stop in sorted({day for day, _, _ in doses if day > 0} | {days}):
        give(module, [dose for dose in doses if dose[0] == now])
        steps = max(2, int((stop - now) * 10) + 1)
        found.append(np.array(module.simulate(now, stop, steps))[:, 1:])
        now = stop
    return np.vstack(found)


def give(module, doses):
    """The events of the routes, done by hand: a value set from outside starts no event in roadrunner."""
    for _, route, cells in doses:
        if route == "intravenous_dose":
            living = module["living_share"] * (1 - module["blood_reaction"]) * cells
            passed, homing = (1 - module["lung_share"]) * living, module["homing"]
            module["cells_in_lung"] = module["cells_in_lung"] + module["lung_share"] * living
            module["cells_in_tissue"] = module["cells_in_tissue"] + homing * passed
            module["dying_cells"] = module["dying_cells"] + (1 - homing) * passed
        else:
            place = {"local_dose": "cells_at_site", "intrathecal_dose": "cells_in_csf"}[route]
            module[place] = module[place] + module["living_share"] * cells


def fixed_steps(runner, values, days, step=0.05):
    """Array [time, state] by Runge-Kutta in steps of one length, so that no state moves the steps of another."""
    runner.setIntegrator("rk4")
    runner.resetAll()
    for name, value in {**DISEASED, **values}.items():
        runner[name] = value
    runner.timeCourseSelections = list(runner.getRateRuleIds())
    return np.array(runner.simulate(0, days, round(days / step) + 1))


def places(runner, inside):
    """Of the states of the cells, or of all others."""
    return [place for place, name in enumerate(runner.getRateRuleIds()) if name.startswith("msc_") == inside]


GIVEN = {"msc_cells_in_lung": 60.0, "msc_cells_in_tissue": 5.0, "msc_cells_at_site": 120.0, "msc_cells_in_csf": 10.0}


def test_without_efficacy_the_course_is_the_untreated_one_bit_for_bit(core):
    outside = places(core, inside=False)
    assert len(outside) > 55
    untreated = fixed_steps(core, {}, 40)
    ineffective = fixed_steps(core, {**GIVEN, "msc_csf_access": 1, "msc_donor_difference": 1, "msc_efficacy": 0}, 40)
    effective = fixed_steps(core, {**GIVEN, "msc_csf_access": 1, "msc_donor_difference": 1, "msc_efficacy": 1}, 40)
    assert np.array_equal(untreated[:, outside], ineffective[:, outside])
    assert not np.array_equal(untreated[:, outside], effective[:, outside]), "else the test compares nothing"


def test_without_a_dose_every_state_stays_exactly_zero(core):
    inside = places(core, inside=True)
    assert len(inside) == len(STATES)
    assert (fixed_steps(core, {}, 20)[:, inside] == 0).all()


def test_the_events_give_what_the_routes_say():
    for route, place in [("local_dose", "cells_at_site"), ("intrathecal_dose", "cells_in_csf")]:
        module = load_with_dose(route)
        module.timeCourseSelections = ["time", place, route]
        table = np.array(module.simulate(0, 1.001, 1002))
        assert table[-1, 1] == pytest.approx(70, rel=1e-3)
        assert table[-1, 2] == 0
    module = load_with_dose("intravenous_dose")
    module.timeCourseSelections = ["time", "cells_in_lung", "cells_in_tissue", "dying_cells", "blood_reaction"]
    _, lung, tissue, dying, lost = np.array(module.simulate(0, 1.0001, 10002))[-1]
    assert lung + tissue + dying == pytest.approx(70 * (1 - lost), rel=1e-3), "no cell appears or vanishes"
    assert lung / 70 > 0.75


def load_with_dose(route):
    """The module with a dose at day 1 written into its text."""
    text = (MODELS / "msc.ant").read_text()
    head, _, _ = text.rpartition("end")
    antimony.clearPreviousLoads()
    dosed = f"{head}  dose: at (time > 1): {route} = 70;\nend\n"
    assert antimony.loadAntimonyString(dosed) >= 0, antimony.getLastError()
    return roadrunner.RoadRunner(antimony.getSBMLString("msc_module"))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("difference", [0, 1])
def test_nothing_falls_below_zero_and_the_imprint_has_a_ceiling(module, route, difference):
    doses = [(day, route, 500.0) for day in (0, 3, 7, 30)]
    table = course(module, doses, donor_difference=difference, efficacy=2.0)
    assert (table >= -1e-9).all()
    assert (table[:, STATES.index("imprint")] <= 2).all()
    assert (table[:, STATES.index("sensitization")] <= 1).all()


def ladders(module, route, difference):
    """Courses with ever more living cells: two doses of ever better viability, and one dose of ever more cells."""
    doses = [(0, route, 70.0), (7, route, 70.0)]
    yield [course(module, doses, living_share=share, donor_difference=difference) for share in (0.3, 0.6, 0.9, 1.0)]
    yield [course(module, [(0, route, cells)], donor_difference=difference) for cells in (1.0, 10.0, 70.0, 200.0)]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("difference", [0, 1])
def test_more_living_cells_never_do_less(module, route, difference):
    for courses in ladders(module, route, difference):
        for less, more in zip(courses, courses[1:]):
            for place in (STATES.index("imprint"), STATES.index("secretome")):
                assert more[:, place].sum() >= less[:, place].sum()
                # More foreign cells also sensitize more, so what is left of them may vanish sooner: only the sum holds.
                if difference == 0:
                    assert (more[:, place] >= less[:, place] - 1e-7).all()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", ["secretome", "imprint"])
def test_repeated_foreign_cells_are_never_stronger_than_own_ones(module, route, name):
    place = STATES.index(name)
    doses = [(day, route, 70.0) for day in (0, 14, 28, 42)]
    own = course(module, doses, donor_difference=0)[:, place]
    foreign = course(module, doses, donor_difference=1)[:, place]
    assert (foreign <= own + 1e-7).all()


def test_foreign_cells_are_cleared_faster_the_second_time(module):
    place = STATES.index("cells_at_site")
    table = course(module, [(0, "local_dose", 70.0), (50, "local_dose", 70.0)], days=60, donor_difference=1)
    first, second = table[50, place] / table[0, place], table[-51, place] / table[-101, place]
    assert second < 0.8 * first


def test_without_inflammation_hardly_anything_is_secreted(module):
    place = STATES.index("secretome")
    dose = [(0, "intravenous_dose", 70.0)]
    calm = course(module, dose, inflammation=0.05, inflamed=0.005)[:, place].max()
    ill = course(module, dose)[:, place].max()
    assert calm < 0.03 * ill


def test_passages_and_thawing_lower_potency(module):
    potencies = []
    for passage, thawed in [(3, 0), (7, 0), (7, 1)]:
        module.resetAll()
        module["passage"], module["thawed"] = passage, thawed
        potencies.append(module["potency"])
    assert potencies == pytest.approx([1.0, 0.5, 0.25])
