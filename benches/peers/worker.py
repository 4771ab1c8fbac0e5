"""A tool as a process that answers measurements: one JSON object per line in, one out.

Asked {"rtol": R, "patients": N} it answers {"seconds": S, "patients": N, "error": E}: processor time of the one
thread that solves, without loading, compiling and setting of parameters.
"""
import json
import os
import sys
import time

import numpy as np


def serve(case, solve):
    """`solve(patient, rtol)` gives (seconds, values [time, state])."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What libraries print goes with the errors.
    reference = case.reference()
    solve(0, 1e-3)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(measure(case, solve, reference, asked)), file=answers, flush=True)


def measure(case, solve, reference, asked):
    try:
        runs = [solve(patient, asked["rtol"]) for patient in range(asked["patients"])]
    except RuntimeError as error:
        return {"failed": str(error)}
    values = np.array([values for _, values in runs])
    answer = {"seconds": sum(seconds for seconds, _ in runs), "patients": len(runs)}
    if reference is not None:
        answer["error"] = case.error(values, reference)
    return answer


def timed(work):
    """(seconds of this thread, what the work gave)"""
    before = time.thread_time()
    done = work()
    return time.thread_time() - before, done
