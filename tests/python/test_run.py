"""The files of a run, opened by independent readers."""

import json
import math

import pyarrow.parquet as parquet

COLUMNS = {
    "outcomes": ["patient", "arm", "endpoint", "time_days", "status", "value"],
    "events": ["patient", "arm", "day", "event"],
    "decisions": ["patient", "arm", "day", "rule", "decision"],
    "observables": ["patient", "arm", "day", "observable", "value"],
    "failures": ["patient", "arm", "day", "cause"],
}


def table(run, name):
    return parquet.read_table(run.folder / f"{name}.parquet")


def numbers(value):
    """All numbers inside a JSON value."""
    if isinstance(value, dict):
        return [n for inner in value.values() for n in numbers(inner)]
    if isinstance(value, list):
        return [n for inner in value for n in numbers(inner)]
    return [value] if isinstance(value, float) else []


def test_stdout_is_one_object_with_finite_numbers(run):
    answer = run.answer
    assert answer["trial"] == "mist" and answer["seed"] == 3
    assert [arm["n"] for arm in answer["arms"]] == [run.patients, run.patients]
    assert all(math.isfinite(number) for number in numbers(answer))
    for finding in answer["findings"]:
        if finding["estimate"] is None:
            assert finding["reason"]
        for published in finding["published"]:
            assert (published["ci_kind"] == "none") == (published["ci_low"] is None)


def test_the_json_is_also_in_the_folder(run):
    assert json.loads((run.folder / "findings.json").read_text()) == run.answer


def test_the_verdict_follows_from_the_published_interval(run):
    for finding in run.answer["findings"]:
        ends = [(p["ci_low"], p["ci_high"]) for p in finding["published"] if p["ci_low"] is not None]
        if not ends or finding["estimate"] is None:
            assert finding["verdict"] == "not_judged"
        else:
            inside = ends[0][0] <= finding["estimate"] <= ends[0][1]
            assert finding["verdict"] == ("inside" if inside else "outside")


def test_tables_have_the_documented_columns_and_agree_with_each_other(run):
    patients = table(run, "patients")
    known = set(patients["patient"].to_pylist())
    assert patients.num_rows == len(known) == run.patients
    arms = {arm["id"] for arm in run.answer["arms"]}
    for name, columns in COLUMNS.items():
        found = table(run, name)
        assert found.column_names == columns
        if name != "failures":
            assert set(found["patient"].to_pylist()) <= known
            assert set(found["arm"].to_pylist()) <= arms
    assert set(table(run, "outcomes")["patient"].to_pylist()) == known
    assert {finding["endpoint"] for finding in run.answer["findings"]} <= set(table(run, "outcomes")["endpoint"].to_pylist())


def test_failed_patients_are_counted_and_listed(run):
    failed = table(run, "failures").to_pylist()
    for arm in run.answer["arms"]:
        assert arm["failed"] == sum(row["arm"] == arm["id"] for row in failed)


def test_manifest_names_every_file_with_its_hash(run):
    manifest = json.loads((run.folder / "manifest.json").read_text())
    written = {entry["path"] for entry in manifest["outputs"]}
    assert written == {path.name for path in run.folder.iterdir()} - {"manifest.json"}
    assert all(len(entry["blake3"]) == 64 for entry in manifest["inputs"] + manifest["outputs"])
    assert any(entry["path"].endswith("trials/mist.toml") for entry in manifest["inputs"])


def test_report_asks_for_nothing_from_outside(run):
    page = (run.folder / "report.html").read_text()
    assert "<script" not in page and "NaN" not in page
    assert "research use" in page.lower()
