"""The files of a run, opened by independent readers."""

import json
import os
import subprocess
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

REGRAFT = os.environ.get("REGRAFT", "target/debug/regraft")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "mist"
    command = [REGRAFT, "run", "mist", "--patients", "12", "--seed", "3", "--format", "json", "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), folder


def test_stdout_is_one_object_with_finite_numbers(run):
    answer, _ = run
    assert answer["trial"] == "mist" and answer["seed"] == 3
    assert [arm["n"] for arm in answer["arms"]] == [12, 12]
    for finding in answer["findings"]:
        if finding["estimate"] is None:
            assert finding["reason"]
        for published in finding["published"]:
            assert (published["ci_kind"] == "none") == (published["ci_low"] is None)


def test_tables_agree_with_each_other(run):
    answer, folder = run
    patients = parquet.read_table(folder / "patients.parquet")
    outcomes = parquet.read_table(folder / "outcomes.parquet").to_pylist()
    assert patients.num_rows == 12
    numbers = set(patients["patient"].to_pylist())
    assert {row["patient"] for row in outcomes} == numbers
    assert {row["arm"] for row in outcomes} == {arm["id"] for arm in answer["arms"]}
    for name in ("events", "decisions", "observables", "failures"):
        assert parquet.read_table(folder / f"{name}.parquet").schema is not None


def test_manifest_names_every_file_with_its_hash(run):
    _, folder = run
    manifest = json.loads((folder / "manifest.json").read_text())
    written = {entry["path"] for entry in manifest["outputs"]}
    assert written == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert all(len(entry["blake3"]) == 64 for entry in manifest["inputs"] + manifest["outputs"])
    assert any(entry["path"].endswith("trials/mist.toml") for entry in manifest["inputs"])


def test_report_asks_for_nothing_from_outside(run):
    _, folder = run
    page = Path(folder / "report.html").read_text()
    assert "<script" not in page and "NaN" not in page
    assert "research use" in page.lower()
