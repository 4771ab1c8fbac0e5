"""How fast models of others run: the whole command of ours against the integration of libRoadRunner alone.

    python speed.py BINARY FOLDER OUT.md

FOLDER holds the curated BioModels as Antimony text. Both solve to time 100 at relative tolerance 1e-6 on one thread
and give 21 rows a patient; three parameters differ between patients. Ours is timed as a whole: reading model and
table, the pilot, the writing of machine code, and the Parquet file. Of libRoadRunner the integration alone, of at
most as many patients as fit SECONDS of each round, spread evenly over the table; for one patient loading is counted
too. They take turns, once a round. At last ours once more, at the loosest tolerance that errs no more than
libRoadRunner at 1e-6.
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
    "144": "cell cycle, events", "093": "JAK and STAT", "326": "phototransduction", "407": "TNF, apoptosis",
    "019": "EGF and MAPK", "255": "ErbB signaling",
}
COUNTS = [1, 100, 10_000]
END, EVERY = 100.0, 5.0
RELATIVE, ABSOLUTE = 1e-6, 1e-12
REFERENCES = [(1e-10, 1e-16), (1e-10, 1e-14), (1e-9, 1e-13), (1e-8, 1e-12)]
LOOSER = [1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6]
SPREAD = 0.1
ROUNDS = {1: 5, 100: 3, 10_000: 1}
SECONDS = 4.0
JUDGED = 8
NOTHING = 1e-15
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


def references(runner, names, table):
    """Exact values of some patients, at the tightest tolerance at which libRoadRunner solves them all."""
    for relative, absolute in REFERENCES:
        models.tolerances(runner, relative, absolute)
        try:
            return [simulate(runner, names, row)[:, 1:] for row in table]
        except RuntimeError:
            continue
    raise ValueError("libRoadRunner solves it at no tight tolerance")


class Judge:
    """Largest errors of the first patients; a column that never passes NOTHING is not judged."""

    def __init__(self, binary, path, runner, sbml, names, table, csv):
        self.arguments = binary, path, END, EVERY
        self.csv = csv
        self.columns, _ = self.ours(RELATIVE)
        selected, self.places = models.selections(runner, sbml, self.columns)
        runner.timeCourseSelections = ["time", *selected]
        self.exact = references(runner, names, table)
        models.tolerances(runner, RELATIVE, ABSOLUTE)
        theirs = [simulate(runner, names, row)[:, 1:] for row in table]
        self.judged = np.max(np.abs(self.exact), axis=(0, 1)) > NOTHING
        self.theirs = self.largest(theirs)

    def largest(self, found):
        pairs = zip(found, self.exact)
        return max(models.errors(mine, exact)[:, self.judged].max() for mine, exact in pairs)

    def ours(self, relative):
        return models.values(*self.arguments, ["--parameters", self.csv, "--rtol", repr(relative)])

    def error(self, relative):
        """Our largest error at a tolerance."""
        found = np.split(self.ours(relative)[1][:, self.places], len(self.exact))
        return self.largest(found)

    def matched(self):
        """The loosest tolerance at which we err no more than libRoadRunner at RELATIVE."""
        return next((relative for relative in LOOSER if self.error(relative) <= self.theirs), RELATIVE)


def measure(binary, path, folder):
    """The figures of one model: row of the table without its name."""
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
    judge = Judge(binary, path, runner, sbml, names, table[:JUDGED], csv)
    loose = judge.matched()
    shown = [str(len(judge.columns)), f"{judge.error(RELATIVE):.0e}", f"{judge.theirs:.0e}"]
    most = max(n for n in COUNTS if n * len(judge.columns) * (END / EVERY + 1) <= MOST_VALUES)
    for n in COUNTS:
        if n > most:
            shown += ["", "", ""]
            continue
        write(n)
        rows = table[np.linspace(0, n - 1, min(n, 1000)).astype(int)]

        def ours(relative):
            more = ["--parameters", csv, "--rtol", repr(relative), "--out", out]
            return models.timed(models.command(binary, path, END, EVERY, more))

        rounds = []
        for _ in range(ROUNDS[n]):
            cpu, wall = ours(RELATIVE)
            per_patient, _ = solve(runner, names, rows)
            theirs = n * per_patient + (loading if n == 1 else 0.0)
            rounds.append((cpu, wall, per_patient, theirs / cpu, theirs / ours(loose)[0] if n == most else 0.0))
        cpu, wall, per_patient, ratio, at_equal_error = (statistics.median(column) for column in zip(*rounds))
        theirs = f"{loading:.2g} + {per_patient:.2g}" if n == 1 else f"{n * per_patient:.2g}"
        shown += [f"{cpu:.2g} ({wall:.2g})", theirs, f"**{ratio:.2g}**"]
    return [*shown, f"{at_equal_error:.2g} ({loose:.0e})"]


def main(binary, folder, target):
    heading = ["model", "columns", "error", "theirs"]
    for n in COUNTS:
        heading += [f"{n:,}: s (wall)", "theirs, s", "ratio"]
    heading.append("ratio at equal error (rtol)")
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    with tempfile.TemporaryDirectory() as temporary:
        for number, name in MODELS.items():
            path = os.path.join(folder, f"BIOMD0000000{number}.ant")
            shown = [f"{int(number)} {name}", *measure(binary, path, temporary)]
            lines.append("| " + " | ".join(shown) + " |")
            print(lines[-1], flush=True)
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
