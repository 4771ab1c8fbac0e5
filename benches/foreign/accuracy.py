"""How well models of others are solved at the defaults, whole trajectories against libRoadRunner at 1e-10.

    python accuracy.py BINARY FOLDER REFERENCES [EVERY_NTH]

FOLDER holds the curated BioModels as Antimony text. All columns that both know, at times 0, 1, … 100. REFERENCES is a
folder in which references are kept for the next time. Prints a line a model, then shares and medians, ours and
libRoadRunner's at its own defaults (1e-6, 1e-12).
"""
import multiprocessing
import os
import sys

import numpy as np

import models

END, EVERY = 100.0, 1.0
SECONDS = 30
GOOD = 1e-4


def reference(path, columns, target):
    """Writes places of columns, values at 1e-10 and at the defaults; nothing where libRoadRunner gives none."""
    runner, sbml = models.load(path)
    selected, places = models.selections(runner, sbml, columns)
    runner.timeCourseSelections = ["time", *selected]
    answers = []
    for relative, absolute in [(1e-10, 1e-14), (1e-6, 1e-12)]:
        runner.resetToOrigin()
        models.tolerances(runner, relative, absolute)
        answers.append(np.array(runner.simulate(0.0, END, round(END / EVERY) + 1))[:, 1:])
    np.savez_compressed(target, places=places, exact=answers[0], default=answers[1])


def kept(path, columns, folder):
    """The reference, made now in a process of its own or before; `None` if there is none."""
    target = os.path.join(folder, os.path.basename(path) + ".npz")
    missing = target + ".none"
    if not os.path.exists(target) and not os.path.exists(missing):
        process = multiprocessing.Process(target=reference, args=(path, columns, target))
        process.start()
        process.join(SECONDS)
        process.kill()
        process.join()
        if not os.path.exists(target):
            open(missing, "w").close()
    return np.load(target) if os.path.exists(target) else None


def judge(binary, path, folder):
    """(our largest error, libRoadRunner's), or a word why there is none."""
    try:
        columns, found = models.values(binary, path, END, EVERY, limit=SECONDS)
    except Exception as problem:
        return str(problem).splitlines()[0][:100]
    if not columns:
        return "nothing to compare"
    known = kept(path, columns, folder)
    if known is None or not len(known["places"]):
        return "no reference"
    exact = known["exact"]
    ours = models.errors(found[:, known["places"]], exact).max()
    return ours, models.errors(known["default"], exact).max()


def main(binary, folder, references, step="1"):
    os.makedirs(references, exist_ok=True)
    judged = []
    for path in models.files(folder)[::int(step)]:
        answer = judge(binary, path, references)
        print(os.path.basename(path)[:-4], *(f"{error:.2e}" for error in answer) if isinstance(answer, tuple) else (answer,), flush=True)
        if isinstance(answer, tuple):
            judged.append(answer)
    for name, errors in zip(["regraft", "libRoadRunner"], np.array(judged).T):
        print(f"{name}: {np.mean(errors <= GOOD):.1%} of {len(errors)} within {GOOD:g}, median {np.median(errors):.2g}")


if __name__ == "__main__":
    main(*sys.argv[1:])
