"""Models of others: Antimony files, as libRoadRunner and as `regraft model simulate` run them."""
import csv
import io
import os
import re
import resource
import subprocess
import time

import antimony
import numpy as np
import roadrunner

roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
roadrunner.Logger.disableConsoleLogging()


def load(path):
    """A model in libRoadRunner, and the SBML text that antimony makes of the file."""
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyFile(path) < 0:
        raise ValueError(antimony.getLastError())
    sbml = antimony.getSBMLString(antimony.getMainModuleName())
    return roadrunner.RoadRunner(sbml), sbml


def tolerances(runner, relative, absolute):
    """Sets what CVODE is asked for."""
    runner.integrator.relative_tolerance = relative
    runner.integrator.absolute_tolerance = absolute
    runner.integrator.maximum_num_steps = 2_000_000


def selections(runner, sbml, columns):
    """What libRoadRunner calls the columns of a table of ours, and which of them it knows.

    Concentrations are in brackets, but for species that the model counts as amounts.
    """
    amounts = {
        re.search(r' id="([^"]*)"', tag).group(1)
        for tag in re.findall(r"<species [^>]*>", sbml)
        if 'hasOnlySubstanceUnits="true"' in tag
    }
    model = runner.model
    species = set(model.getFloatingSpeciesIds()) | set(model.getBoundarySpeciesIds())
    known = species | set(model.getGlobalParameterIds()) | set(model.getCompartmentIds())
    names, places = [], []
    for place, column in enumerate(columns):
        name = column.replace(".", "__")
        if name in known:
            names.append(f"[{name}]" if name in species and name not in amounts else name)
            places.append(place)
    return names, places


def varied(runner, path, count):
    """The first parameters that are constants above 0, in the order of the model: those in which patients differ."""
    text = open(path, encoding="utf-8").read()
    fixed = [name for name in runner.model.getGlobalParameterIds() if runner.getValue(name) > 0.0]
    ruled = lambda name: re.search(rf"(?<!\w){re.escape(name)}\s*(:=|')|(?<!\w){re.escape(name)}\s*=[^;\n]*[a-z]", text, re.I)
    return [name for name in fixed if not ruled(name)][:count]


def command(binary, path, end, every, more):
    """The arguments of one run of ours on one thread."""
    return [binary, "model", "simulate", path, "--to", repr(end), "--every", repr(every), "--threads", "1", *more]


def timed(arguments, limit=600):
    """(processor seconds, wall seconds) of a whole command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(arguments, capture_output=True, timeout=limit, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def values(binary, path, end, every, more=(), limit=120):
    """Columns and `[row, column]` of our values as text; patients one below the other, without their number."""
    arguments = command(binary, path, end, every, [*more, "--out", "-"])
    answer = subprocess.run(arguments, capture_output=True, text=True, timeout=limit)
    if answer.returncode not in (0, 4):
        raise ValueError(answer.stderr.strip()[-300:] or f"code {answer.returncode}")
    rows = csv.reader(io.StringIO(answer.stdout))
    columns = next(rows)[2:]
    number = lambda cell: float(cell) if cell else np.nan
    return columns, np.array([[number(cell) for cell in row[2:]] for row in rows])


def errors(found, reference):
    """|found − reference| / (|reference| + 10⁻³ max over time), `[time, column]`; equal values err by 0."""
    size = np.nanmax(np.abs(reference), axis=0, initial=0.0)
    with np.errstate(all="ignore"):
        error = np.abs(found - reference) / (np.abs(reference) + 1e-3 * size)
    error[found == reference] = 0.0
    error[~np.isfinite(reference) & ~np.isfinite(found)] = 0.0
    return np.where(np.isnan(error), np.inf, error)


def files(folder):
    """Antimony files of a folder by name."""
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".ant")]
