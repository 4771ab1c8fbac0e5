#!/usr/bin/env python3
"""Makes the reference trajectories again from the library's own text, after a change of the model's form.

    python remake.py [OUT]

The drugs are those of `drugs.ant` here. Cases, doses and overrides are read from `doses.csv` and `overrides.csv` and stay as they are.
`symbols.csv` and the tables are written anew: a state that the library still has keeps its symbol,
a new one goes by its full name, and one that is gone is left out.
roadrunner (CVODE, BDF) solves the library's model at relative tolerance 1e-11, as in `make.py`.
"""

import csv
import os
import platform
import shutil
import sys
import tempfile

import antimony
import numpy as np
import roadrunner
from make import DRUG_STATES, RELATIVE_TOLERANCE, error, load, output_times, simulate, write

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "..", "..", "..", "library", "models")
CASES = ("healthy", "untreated", "beam_atg", "cy200_atg", "steroids")
# Sub-models whose names hold a full stop; a name of SBML has an underline there.
DEEP = ("drugs_atg", "drugs_rituximab", "drugs_prednisone", "drugs_earlier_drug", "drugs_filgrastim",
        "drugs_cyclophosphamide", "drugs_carmustine", "drugs_etoposide", "drugs_cytarabine", "drugs_melphalan")  # fmt: skip

# Sub-models whose names hold an underline of their own.
LONG = ("first_clone", "second_clone", "third_clone", "organ_injury", "late_effects")


def rows(name):
    with open(os.path.join(HERE, name), newline="") as file:
        return list(csv.DictReader(file))


def full_name(identifier):
    """`drugs_atg_amount` is `drugs.atg.amount`, `marrow_own_platelets` is `marrow.own_platelets`."""
    long = next((module for module in LONG if identifier.startswith(module + "_")), None)
    if long:
        return long + "." + identifier[len(long) + 1 :]
    prefix = next((deep for deep in DEEP if identifier.startswith(deep + "_")), identifier.split("_")[0])
    return prefix.replace("_", ".") + "." + identifier[len(prefix) + 1 :]


def core():
    """The library's core with the drugs of the tables."""
    with tempfile.TemporaryDirectory() as folder:
        models = shutil.copytree(LIBRARY, os.path.join(folder, "models"))
        shutil.copy(os.path.join(HERE, "drugs.ant"), models)
        return load(os.path.join(models, "immune_core.ant"), "immune_core")


def main(out):
    library = core()
    states = list(library.getRateRuleIds())
    flat = lambda name: name.replace(".", "_")
    old = [row for row in rows("symbols.csv") if row["kind"] == "parameter" or flat(row["name"]) in states]
    log = []
    for case in CASES:
        symbol = {flat(row["name"]): (row["symbol"], float(row["factor"])) for row in old if row["case"] in ("all", case)}
        symbols = [symbol.get(state, (full_name(state), 1.0)) for state in states]
        overrides = [(flat(r["name"]), float(r["library_value"])) for r in rows("overrides.csv") if r["case"] == case and r["name"]]
        doses = [(float(r["time_days"]), flat(r["name"]), float(r["library_amount"]), r["kind"]) for r in rows("doses.csv") if r["case"] == case]
        times = output_times(case)
        factors = np.array([factor for _, factor in symbols])
        reference = simulate(library, states, overrides, doses, times) / factors
        looser = simulate(library, states, overrides, doses, times, relative=1e-9) / factors
        keep = np.array([name not in DRUG_STATES for name, _ in symbols])
        own, _ = error(looser, reference, keep)
        log.append(f"{case:10} library at rtol 1e-9 against 1e-11 {own:.1e}")
        print(log[-1])
        table = [[repr(float(t))] + [f"{x:.12g}" for x in row] for t, row in zip(times, reference, strict=True)]
        write(os.path.join(out, f"{case}.csv"), ["time_days"] + [name for name, _ in symbols], table)
    known = {flat(row["name"]) for row in old}
    new = [["all", full_name(state), full_name(state), "1.0", "state"] for state in states if state not in known]
    kept = [[row[key] for key in ("case", "symbol", "name", "factor", "kind")] for row in old]
    write(os.path.join(out, "symbols.csv"), ["case", "symbol", "name", "factor", "kind"], kept + new)
    versions = [f"antimony {antimony.__version__}", f"libroadrunner {roadrunner.__version__}", f"numpy {np.__version__}",
                f"Python {platform.python_version()}", f"relative tolerance {RELATIVE_TOLERANCE:g}"]  # fmt: skip
    with open(os.path.join(out, "versions.txt"), "w") as file:
        file.write("\n".join(versions + log) + "\n")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else HERE)
