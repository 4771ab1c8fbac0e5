"""Right-hand sides: what `regraft model rates` says of curated models, held against roadrunner.

Every model that lowers is read by `antimony` and `roadrunner` too, and starting values, rules, rates of
reactions and rates of change at time 0 are compared.
"""

import json
import math
import os
import re
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import antimony
import pytest
import roadrunner

REGRAFT = os.environ.get("REGRAFT", "target/debug/regraft")
MODELS = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "antimony"

# Relative to the larger of both values.
RELATIVE = 1e-9
# A sum is only as exact as its largest term: where terms cancel, so much of the largest is allowed.
ROUNDING = 1e-13
LEAST_EQUAL = 600

# What we refuse, and why.
REFUSED = {
    "BIOMD0000000025": "the function `delay` is not supported",
    "BIOMD0000000034": "`parameter_0000001` has no value",
    "BIOMD0000000048": "expected a statement, found `-`",
    "BIOMD0000000155": "the function `delay` is not supported",
    "BIOMD0000000196": "the function `delay` is not supported",
    "BIOMD0000000385": "expected a statement, found `-`",
    "BIOMD0000000387": "expected a statement, found `-`",
    "BIOMD0000000617": "`Compartment_` has no value",
    "BIOMD0000000622": "`compartment_` has no value",
    "BIOMD0000000668": "expected an operator or `)`, found `!`",
    "BIOMD0000000669": "expected an operator or `)`, found `!`",
    "BIOMD0000000772": "expected a statement, found `-`",
    "BIOMD0000000902": "expected a statement, found `-`",
    "BIOMD0000000907": "expected a statement, found `-`",
}
# What libAntimony 3.3 or roadrunner 2.10 do not read, and why: there we have no judge.
NOT_JUDGED = {
    "BIOMD0000000338": "is missing a value",
    "BIOMD0000000342": "syntax error",
    "BIOMD0000000769": "syntax error",
} | {
    f"BIOMD0000000{number}": "unknown_model_qual"
    for number in (648, 652, 653, 654, 655, 657, 661, 662, 682)
}


def ours(path):
    """Our answer, or why there is none."""
    command = [REGRAFT, "model", "rates", str(path), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout)
    return next((line for line in done.stderr.splitlines() if line.startswith("error")), done.stderr)


class Judge:
    """A model in roadrunner, at its start."""

    def __init__(self, path):
        antimony.clearPreviousLoads()
        if antimony.loadAntimonyFile(str(path)) < 0:
            raise RuntimeError(antimony.getLastError())
        sbml = antimony.getSBMLString(antimony.getMainModuleName())
        self.runner = roadrunner.RoadRunner(sbml)
        model = self.runner.model
        self.species = set(model.getFloatingSpeciesIds()) | set(model.getBoundarySpeciesIds())
        self.compartment, self.is_amount = {}, set()
        for tag in re.findall(r"<species [^>]*>", sbml):
            name = re.search(r'\bid="(\w+)"', tag)[1]
            self.compartment[name] = re.search(r'\bcompartment="(\w+)"', tag)[1]
            if 'hasOnlySubstanceUnits="true"' in tag:
                self.is_amount.add(name)
        self.reactions = dict(zip(model.getReactionIds(), model.getReactionRates(), strict=True))
        self.largest = max((abs(rate) for rate in self.reactions.values() if math.isfinite(rate)), default=0.0)

    def is_concentration(self, name):
        return name in self.species and name not in self.is_amount

    def volume(self, name):
        return self.runner[self.compartment[name]] if self.is_concentration(name) else 1.0

    def value(self, name):
        return self.runner[f"[{name}]" if self.is_concentration(name) else name]

    def rate(self, name):
        """d/dt as we mean it: of the concentration where the name means one."""
        return self.runner[name + "'"] / self.volume(name)


def equal(theirs, ours, size):
    if ours is None or not math.isfinite(theirs):
        # JSON has no word for what is not finite.
        return ours is None and not math.isfinite(theirs)
    return abs(theirs - ours) <= RELATIVE * max(abs(theirs), abs(ours)) + ROUNDING * size


def differences(path, answer):
    """Names with both values, for each that differs."""
    judge = Judge(path)
    found = []
    for quantity in answer["states"] + answer["parameters"] + answer["rules"]:
        name = quantity["name"].replace(".", "_")
        try:
            value = judge.value(name)
        except RuntimeError:
            # Antimony leaves out of SBML what is only named: units, modifiers.
            continue
        if not equal(value, quantity["value"], judge.largest if name in judge.reactions else 0.0):
            found.append((name, value, quantity["value"]))
        if "rate" in quantity:
            rate = judge.rate(name)
            if not equal(rate, quantity["rate"], judge.largest / judge.volume(name)):
                found.append((name + "'", rate, quantity["rate"]))
    return found


def compare(path):
    """The model's name, and `equal`, `differs`, `refused` or `not judged` with what belongs to it."""
    # Its compiler is quicker when it need not make quick code, which is run once here.
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.LLJIT)
    roadrunner.Config.setValue(roadrunner.Config.LLJIT_OPTIMIZATION_LEVEL, roadrunner.Config.NONE)
    answer = ours(path)
    if isinstance(answer, str):
        return path.stem, "refused", answer
    try:
        found = differences(path, answer)
    except RuntimeError as error:
        return path.stem, "not judged", " ".join(str(error).split())
    return path.stem, "differs" if found else "equal", found


@pytest.fixture(scope="module")
def results():
    if not MODELS.exists():
        pytest.skip(f"{MODELS} is not here")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(compare, sorted(MODELS.glob("*.ant")), chunksize=4))


def of_kind(results, kind):
    return {name: detail for name, found, detail in results if found == kind}


def test_every_right_hand_side_is_that_of_roadrunner(results):
    assert of_kind(results, "differs") == {}
    assert len(of_kind(results, "equal")) >= LEAST_EQUAL


@pytest.mark.parametrize(("kind", "known"), [("refused", REFUSED), ("not judged", NOT_JUDGED)])
def test_models_without_comparison_are_known_by_name_and_reason(results, kind, known):
    found = of_kind(results, kind)
    assert found.keys() == known.keys()
    for name, reason in known.items():
        assert reason in found[name], name
