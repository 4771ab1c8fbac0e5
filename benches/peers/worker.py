"""A tool as a process that answers measurements: one JSON object per line in, one out.

Asked {"rtol": R, "patients": N} it answers {"seconds": S, "patients": N, "error": E}: processor time of the one
thread that solves, without loading, compiling and setting of parameters. Asked for a "largest" error too, it stops
after the first patient who is worse.
"""
import json
import os
import sys
import time


def serve(case, solve):
    """`solve(patient, rtol)` gives (seconds, values [time, state])."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What libraries print goes with the errors.
    reference = case.reference()
    measure(case, solve, None, {"rtol": 1e-3, "patients": 1})  # Compiles; it may fail at so loose a tolerance.
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(measure(case, solve, reference, asked)), file=answers, flush=True)


def measure(case, solve, reference, asked):
    answer = {"seconds": 0.0, "patients": 0}
    try:
        for patient in range(asked["patients"]):
            seconds, values = solve(patient, asked["rtol"])
            answer["seconds"] += seconds
            answer["patients"] += 1
            if reference is not None and patient < len(reference):
                error = case.error(values[None], reference[patient : patient + 1])
                answer["error"] = max(error, answer.get("error", 0.0))
            if answer.get("error", 0.0) > asked.get("largest", float("inf")):
                break
    except RuntimeError as error:
        return {"failed": str(error)}
    return answer


def timed(work):
    """(seconds of this thread, what the work gave)"""
    before = time.thread_time()
    done = work()
    return time.thread_time() - before, done
