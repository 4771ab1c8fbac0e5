"""Peak memory does not grow with the number of patients where only a summary is asked for."""

import os
import subprocess

from conftest import REGRAFT

MODEL = """model absorbed()
  depot = 100; central = 0; peripheral = 0
  ka = 1; ke = 0.2; kp = 0.1; kc = 0.05
  depot -> central; ka*depot
  central -> peripheral; kp*central
  peripheral -> central; kc*peripheral
  central -> ; ke*central
end
"""


def peak(folder, patients):
    """Peak resident memory, KiB, of a summary over so many patients."""
    command = [REGRAFT, "model", "simulate", str(folder / "absorbed.ant"), "--to", "20", "--every", "1"]
    command += ["--patients", str(patients), "--threads", "1", "--summary", str(folder / f"{patients}.csv")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    problems = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == 0, problems
    return usage.ru_maxrss


def test_a_summary_of_fifty_times_the_patients_takes_no_more_memory(tmp_path):
    (tmp_path / "absorbed.ant").write_text(MODEL)
    few, many = peak(tmp_path, 2_000), peak(tmp_path, 100_000)
    assert many < 1.2 * few + 2_048, f"{few} KiB for 2,000 patients, {many} KiB for 100,000"
