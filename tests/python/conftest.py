"""One small run, shared by all tests that look at its files."""

import json
import os
import subprocess
from types import SimpleNamespace

import pytest

REGRAFT = os.environ.get("REGRAFT", "target/debug/regraft")
PATIENTS = 40


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The trial `mist` in 40 patients: what stood on stdout, and the folder that was written."""
    folder = tmp_path_factory.mktemp("run") / "mist"
    command = [REGRAFT, "run", "mist", "--patients", str(PATIENTS), "--seed", "3", "--doubt", "0", "--format", "json", "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(answer=json.loads(done.stdout), folder=folder, patients=PATIENTS)
