"""How fast models of others run: the whole command of ours against the integration of libRoadRunner alone.

    python speed.py BINARY FOLDER OUT.md

FOLDER holds the curated BioModels as Antimony text. Both solve to time 100 at relative tolerance 1e-6 on one thread
and give 21 rows a patient; three parameters differ between patients. Ours is timed as a whole: reading model and
table, the pilot, the writing of machine code, and the Parquet file. Of libRoadRunner the integration alone, loading
apart, of at most as many patients as fit SECONDS of each round, spread evenly over the table. They take turns, once a
round.
"""
import os
import statistics
import sys
import tempfile
import time

import numpy as np

import models

MODELS = {
    "573": "HIV latency", "732": "tumor and immunotherapy", "619": "acetaminophen, PBPK", "022": "circadian clock",
    "288": "PI3K and Ras", "028": "MAPK, elementary steps", "009": "MAPK cascade", "013": "Calvin cycle",
    "144": "cell cycle, events", "093": "JAK and STAT", "613": "bone and calcium", "407": "TNF, apoptosis",
    "019": "EGF and MAPK", "255": "ErbB signaling",
}
COUNTS = [1, 100, 10_000]
END, EVERY = 100.0, 5.0
RELATIVE, ABSOLUTE = 1e-6, 1e-12
SPREAD = 0.1
ROUNDS = {1: 5, 100: 3, 10_000: 1}
SECONDS = 4.0
JUDGED = 8
MOST_VALUES = 50_000_000


def simulate(runner, names, row):
    """One patient of libRoadRunner."""
    for name, value in zip(names, row):
        runner.setValue(name, value)
    runner.reset()
    return np.array(runner.simulate(0.0, END, round(END / EVERY) + 1))


def solve(runner, names, rows):
    """Processor seconds a patient, and how many were timed."""
    start, done = time.process_time(), 0
    for row in rows:
        simulate(runner, names, row)
        done += 1
        if time.process_time() - start > SECONDS:
            break
    return (time.process_time() - start) / done, done


def largest_errors(binary, path, runner, sbml, names, table, csv):
    """The largest error of the first patients, ours and libRoadRunner's, against libRoadRunner at 1e-10."""
    columns, found = models.values(binary, path, END, EVERY, ["--parameters", csv])
    selected, places = models.selections(runner, sbml, columns)
    runner.timeCourseSelections = ["time", *selected]
    ours, theirs = 0.0, 0.0
    n_times = round(END / EVERY) + 1
    for patient, row in enumerate(table):
        models.tolerances(runner, 1e-10, 1e-16)
        reference = simulate(runner, names, row)[:, 1:]
        models.tolerances(runner, RELATIVE, ABSOLUTE)
        mine = found[patient * n_times:(patient + 1) * n_times, places]
        ours = max(ours, models.errors(mine, reference).max())
        theirs = max(theirs, models.errors(simulate(runner, names, row)[:, 1:], reference).max())
    return len(columns), ours, theirs


def measure(binary, path, folder):
    """The figures of one model."""
    start = time.process_time()
    runner, sbml = models.load(path)
    loading = time.process_time() - start
    names = models.varied(runner, path, 3)
    center = np.array([runner.getValue(name) for name in names])
    table = center * np.exp(SPREAD * np.random.default_rng(1).standard_normal((max(COUNTS), len(names))))
    csv, out = os.path.join(folder, "patients.csv"), os.path.join(folder, "values.parquet")

    def write(n):
        np.savetxt(csv, table[:n], delimiter=",", header=",".join(names), comments="", fmt="%.17g")

    write(JUDGED)
    n_columns, ours, theirs = largest_errors(binary, path, runner, sbml, names, table[:JUDGED], csv)
    cells = [loading, n_columns, ours, theirs, {}]
    for n in COUNTS:
        if n * n_columns * (END / EVERY + 1) > MOST_VALUES:
            continue
        write(n)
        arguments = models.command(binary, path, END, EVERY, ["--parameters", csv, "--out", out])
        rounds = []
        for _ in range(ROUNDS[n]):
            cpu, wall = models.timed(arguments)
            per_patient, _ = solve(runner, names, table[np.linspace(0, n - 1, min(n, 1000)).astype(int)])
            rounds.append((cpu, wall, per_patient, n * per_patient / cpu))
        cells[4][n] = [statistics.median(column) for column in zip(*rounds)]
    return cells


def cell(figures):
    """Processor and wall time of ours, time of theirs, ratio."""
    if figures is None:
        return ["", "", ""]
    cpu, wall, per_patient, ratio = figures
    return [f"{cpu:.3g} ({wall:.3g})", f"{1e3 * per_patient:.3g}", f"**{ratio:.2g}**"]


def main(binary, folder, target):
    lines = [
        "| model | columns | error, ours | error, theirs | theirs: load, s | "
        + " | ".join(f"ours, {n:,}: s (wall) | theirs, ms a patient | ratio" for n in COUNTS) + " |",
        "|" + "---|" * (5 + 3 * len(COUNTS)),
    ]
    with tempfile.TemporaryDirectory() as temporary:
        for number, name in MODELS.items():
            path = os.path.join(folder, f"BIOMD0000000{number}.ant")
            loading, n_columns, ours, theirs, found = measure(binary, path, temporary)
            shown = [f"{int(number)} {name}", str(n_columns), f"{ours:.1e}", f"{theirs:.1e}", f"{loading:.2f}"]
            shown += [text for n in COUNTS for text in cell(found.get(n))]
            lines.append("| " + " | ".join(shown) + " |")
            print(lines[-1], flush=True)
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
