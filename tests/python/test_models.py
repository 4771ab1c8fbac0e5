"""The library's models in independent hands: all load elsewhere, and one of a disease runs there."""

import antimony
import numpy as np
import pytest
import roadrunner
from antimony_text import MODELS, sbml


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
