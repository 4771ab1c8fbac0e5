"""Health of people drawn at random is an exact fixed point, and drugs only ever take lymphocytes away.

PEOPLE=10000 draws as many people as the design asks for; the default keeps the test short.
"""

import os
from pathlib import Path

import antimony
import numpy as np
import pytest
import roadrunner

MODELS = Path(__file__).resolve().parents[2] / "library" / "models"
PEOPLE = int(os.environ.get("PEOPLE", "500"))
# Of the size of the state, per day: rounding leaves 1e-17.
LARGEST_DRIFT = 1e-14

# State and the value that it has in health.
STATES = {
    "lymphoid_naive_cd4": "lymphoid_naive_cd4_normal",
    "lymphoid_emigrants": "lymphoid_emigrants_normal",
    "lymphoid_memory_cd4": "lymphoid_memory_cd4_normal",
    "lymphoid_treg": "lymphoid_treg_normal",
    "lymphoid_naive_cd8": "lymphoid_naive_cd8_normal",
    "lymphoid_memory_cd8": "lymphoid_memory_cd8_normal",
    "lymphoid_b_precursors": None,
    "lymphoid_naive_b": "lymphoid_naive_b_normal",
    "lymphoid_memory_b": "lymphoid_memory_b_normal",
    "lymphoid_plasmablasts": None,
    "lymphoid_plasma_cells": None,
    "lymphoid_igg": "lymphoid_igg_normal",
    "lymphoid_nk_cells": "lymphoid_nk_cells_normal",
    "thymus_thymic_function": None,
    "thymus_trec_content": None,
    "viruses_cmv_control": None,
    "viruses_ebv_control": None,
}
# 0 in health, and no drift either.
ABSENT = ["thymus_repertoire_renewal", "viruses_cmv_load", "viruses_ebv_load"]
RESTING_RATES = [
    "lymphoid_naive_cd4_renewal_rate",
    "lymphoid_naive_cd4_loss_rate",
    "lymphoid_memory_cd4_renewal_rate",
    "lymphoid_memory_cd4_loss_rate",
    "lymphoid_naive_cd8_renewal_rate",
    "lymphoid_naive_cd8_loss_rate",
    "lymphoid_memory_cd8_renewal_rate",
    "lymphoid_memory_cd8_loss_rate",
    "lymphoid_treg_renewal_rate",
    "lymphoid_treg_loss_rate",
    "lymphoid_memory_b_renewal_rate",
    "lymphoid_memory_b_loss_rate",
    "lymphoid_emigrant_maturation_rate",
]
# Sizes in health that differ between people, coefficient of variation 25 %.
SIZES = [
    "lymphoid_naive_cd4_at_35",
    "lymphoid_memory_cd4_normal",
    "lymphoid_treg_normal",
    "lymphoid_naive_cd8_at_35",
    "lymphoid_memory_cd8_normal",
    "lymphoid_naive_b_normal",
    "lymphoid_memory_b_normal",
    "lymphoid_nk_cells_normal",
    "lymphoid_igg_normal",
]


@pytest.fixture(scope="module")
def core():
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyFile(str(MODELS / "immune_core.ant")) >= 0, antimony.getLastError()
    runner = roadrunner.RoadRunner(antimony.getSBMLString("immune_core"))
    runner.integrator.maximum_num_steps = 1_000_000
    for event in ("relapse", "infection", "organ_toxicity", "secondary_autoimmunity", "death"):
        runner[f"hazards_{event}_threshold"] = 1e9
    return runner


def person(runner, usual, draw):
    """Sets a person of either sex, 18 to 75 years old, in health."""
    female = draw.random() < 0.5
    runner["patient_age"] = draw.uniform(18, 75)
    runner["patient_weight"] = draw.normal(66 if female else 80, 10)
    runner["patient_blood_volume"] = 4.3 if female else 5.4
    runner["viruses_cmv_seropositive"] = float(draw.random() < 0.55)
    runner["viruses_ebv_seropositive"] = float(draw.random() < 0.95)
    runner["thymus_thymic_export_at_35"] = 0.05 * np.exp(0.385 * draw.normal())
    for name in SIZES:
        runner[name] = usual[name] * np.exp(0.246 * draw.normal())
    for state, normal in STATES.items():
        runner[state] = runner[normal] if normal else 1.0


def test_health_of_any_person_is_an_exact_fixed_point(core):
    core.resetAll()
    usual = {name: core[name] for name in SIZES}
    rates = core.getRateRuleIds()
    draw = np.random.default_rng(1)
    worst, lowest = 0.0, np.inf
    for _ in range(PEOPLE):
        person(core, usual, draw)
        change = dict(zip(rates, core.getRatesOfChange(), strict=True))
        worst = max(worst, *(abs(change[state]) / core[state] for state in STATES))
        worst = max(worst, *(abs(change[state]) for state in ABSENT))
        lowest = min(lowest, *(core[rate] for rate in RESTING_RATES))
    assert worst < LARGEST_DRIFT
    assert lowest >= 0.0


def set_tolerances(runner):
    """Absolute tolerances by the size of each state; roadrunner would take 0 for one that is 0, and never get on."""
    sizes = [abs(runner[state]) for state in runner.getRateRuleIds()]
    runner.integrator.relative_tolerance = 1e-8
    runner.integrator.absolute_tolerance = [1e-12 * max(size, 1e-2) for size in sizes]


def course(runner, cyclophosphamide, atg, rituximab=0.0):
    """Lymphocytes of a healthy CMV carrier after a transplant with these doses, in mg a day."""
    runner.resetAll()
    for name in ("relapse", "infection", "organ_toxicity", "secondary_autoimmunity", "death"):
        runner[f"hazards_{name}_threshold"] = 1e9
    runner["viruses_cmv_seropositive"] = 1.0
    runner["viruses_cmv_threshold"] = 0.05
    runner["viruses_ebv_threshold"] = 0.05
    runner["viruses_lymphoproliferation_threshold"] = 1e9
    set_tolerances(runner)
    names = [*STATES, *ABSENT]
    runner.timeCourseSelections = names
    found = []
    for day in range(-6, 1):
        if -5 <= day <= -2:
            runner["drugs_cyclophosphamide_amount"] = runner["drugs_cyclophosphamide_amount"] + cyclophosphamide
        if -5 <= day <= -1:
            runner["drugs_atg_amount"] = runner["drugs_atg_amount"] + atg
        if day == -1:
            runner["drugs_rituximab_amount"] = runner["drugs_rituximab_amount"] + rituximab
        if day == 0:
            runner["transplant_infuse_now"] = 1.0
        found.append(np.array(runner.simulate(day, day + 1, 5))[1:])
    found.append(np.array(runner.simulate(1, 731, 147))[1:])
    return names, np.vstack(found)


def test_nothing_is_ever_negative(core):
    for doses in ((3500, 84), (3500, 84, 1000), (7000, 300, 1000)):
        names, found = course(core, *doses)
        lowest = dict(zip(names, found.min(axis=0), strict=True))
        # The solver's tolerance; loads are counted in copies per mL.
        assert all(value > -1e-6 for value in lowest.values()), lowest


@pytest.mark.parametrize("more", [(7000, 84, 0), (3500, 168, 0), (3500, 84, 1000)])
def test_more_drug_never_leaves_more_cells_at_the_graft(core, more):
    names, less = course(core, 3500, 84, 0)
    _, deeper = course(core, *more)
    # Antithymocyte globulin kills no NK cells; with fewer CD8 T cells they find more interleukin 15.
    spared = {"lymphoid_nk_cells"} if more[1] > 84 else set()
    for index, state in enumerate(names):
        if (state.startswith("lymphoid_") or state.endswith("_control")) and state not in spared:
            assert deeper[27, index] <= less[27, index] * (1 + 1e-6), state


def test_emigrants_are_a_part_of_naive_cells_and_the_repertoire_is_renewed(core):
    names, found = course(core, 3500, 84)
    value = {state: found[:, index] for index, state in enumerate(names)}
    assert (value["lymphoid_emigrants"] <= value["lymphoid_naive_cd4"] * (1 + 1e-9)).all()
    renewed = value["thymus_repertoire_renewal"]
    assert (np.diff(renewed) >= -1e-9).all() and 0.3 < renewed[-1] < 1.0


def test_virus_in_blood_is_cleared_and_rituximab_lowers_ebv(core):
    names, found = course(core, 3500, 84)
    _, treated = course(core, 3500, 84, 1000)
    cmv, ebv = names.index("viruses_cmv_load"), names.index("viruses_ebv_load")
    assert found[:, cmv].max() > 500 and found[-1, cmv] < 1
    assert found[:, ebv].max() > 500 and found[-1, ebv] < 1
    # To day 100: 28 values to day 1, then one in five days. Once B cells are back the next reactivation is a matter of
    # its draw, with rituximab and without.
    assert treated[:48, ebv].max() < found[:48, ebv].max()
