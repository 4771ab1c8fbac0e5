#!/usr/bin/env python3
"""Reference trajectories of the immune core, made with roadrunner (CVODE, BDF).

    python make.py ORIGINAL.ant LIBRARY.ant [OUT]

ORIGINAL.ant is the core in one file, with the symbols of the design; LIBRARY.ant is
`immune_core.ant` in a copy of `library/models` with the `drugs.ant` of this folder: the same model
split into modules with readable names.
Both are run on the same five cases. The tables hold the original's answer; the largest
difference between the two is printed and must stay below LARGEST_DIFFERENCE.

Written to OUT (default: the folder of this script):
    symbols.csv      design symbol -> full name in the library; library value = factor x symbol
    overrides.csv    per case, parameters and initial states that differ from the defaults
    doses.csv        per case, what is added to a state or set, in order of time
    CASE.csv         time_days and all states of the original, by symbol
    versions.txt     what made them, and the figures that were printed

Tables are made without random events: the original's thresholds are 1e9 by default, the
library's are set to 1e9 (rows of overrides.csv without a symbol).
An output time never coincides with a dose, so there is no question of before or after.
Made with antimony 3.3.0, libroadrunner 2.10.0, numpy 2.4.6, Python 3.11.
"""
import csv
import os
import platform
import sys

import antimony
import numpy as np
import roadrunner

RELATIVE_TOLERANCE = 1e-11
ABSOLUTE_TOLERANCE = 1e-15  # times the typical size of the state
ROUNDING = 1e-9  # a state at rest at 0 is left with differences of rounding, and has no size to hold them against
LARGEST_DIFFERENCE = 1e-7  # of the two models, in the error measure below
START, END = -30.0, 1825.0  # days; day 0 is the graft or the start of treatment
BODY_SURFACE, WEIGHT = 1.8, 70.0  # m2, kg: the patient of all cases

DRUG_STATES = ("C1", "C2", "C3", "C4", "ATG", "RTX", "RTp", "PRD", "ISX", "GD1", "SC", "ML", "MT")

# Design symbol -> library name. A third entry is the factor (library value = factor x symbol).
STATES = """
SC marrow.infused_cd34 | HQ marrow.quiescent_stem_cells | HC marrow.cycling_stem_cells | P marrow.progenitors
N1 marrow.neutrophil_precursors_1 | N2 marrow.neutrophil_precursors_2 | N3 marrow.neutrophil_precursors_3
ANC marrow.neutrophils | G marrow.g_csf | MK1 marrow.megakaryocytes_1 | MK2 marrow.megakaryocytes_2
PLT marrow.platelets | EP marrow.erythroid_precursors | HB marrow.hemoglobin | LP marrow.lymphoid_progenitors
TH thymus.thymic_function | TREC thymus.trec_content
N4 lymphoid.naive_cd4 | M4 lymphoid.memory_cd4 | TR lymphoid.treg | N8 lymphoid.naive_cd8 | M8 lymphoid.memory_cd8
BP lymphoid.b_precursors | BN lymphoid.naive_b | BM lymphoid.memory_b | PB lymphoid.plasmablasts
PC lymphoid.plasma_cells | IGG lymphoid.igg | NK lymphoid.nk_cells
AN clone.autoreactive_naive | AE clone.autoreactive_effectors | AM clone.autoreactive_memory
AR clone.autoreactive_resident_memory | AT clone.antigen_specific_regulation | AB clone.autoreactive_b
APs clone.autoreactive_plasmablasts | APl clone.autoreactive_plasma_cells | AAB clone.autoantibody
I tissue.inflamed | D tissue.damaged | TG tissue.trigger
ML msc.cells_in_lung | MT msc.cells_in_tissue | SX msc.secretome | M2 msc.imprint
ATG drugs.atg.amount 1/0.14 | RTX drugs.rituximab.amount | RTp drugs.rituximab.peripheral_amount
PRD drugs.prednisone.amount | ISX drugs.earlier_drug.amount | GD1 drugs.filgrastim.depot 350/12
AL gvhd.alloreactive | GVD gvhd.gvhd_injury
Lrel hazards.relapse_cumulative | Linf hazards.infection_cumulative | Ltox hazards.organ_toxicity_cumulative
Lsad hazards.secondary_autoimmunity_cumulative | Lgvh hazards.gvhd_cumulative | Ldie hazards.death_cumulative
"""
PARAMETERS = """
qT clone.treg_fitness | leak clone.thymic_leak | wT tissue.t_cell_weight | wB tissue.antibody_weight
lam0 hazards.relapse_rate | inPRD drugs.prednisone.daily_dose
"""
# The original has four generic slots for cytotoxics; the library has the drugs by name.
SLOTS = {
    "beam_atg": {1: "melphalan", 2: "carmustine", 3: "etoposide", 4: "cytarabine"},
    "cy200_atg": {1: "cyclophosphamide"},
}
# Library thresholds that keep events from happening.
THRESHOLDS = ["relapse", "infection", "organ_toxicity", "secondary_autoimmunity", "gvhd", "death"]

# Volume (L), elimination (1/day), potency on myeloid, lymphoid cells and organs (per mg/L per day):
# ln-kill divided by the exposure at which it is stated. These are the defaults of the library's drugs.
MELPHALAN = dict(V=28.0, ke=24.0, pM=4.8 / 0.375, pL=2.3 / 0.375, pO=1.2 / 0.375)
CARMUSTINE = dict(V=230.0, ke=17.0, pM=4.2 / 0.138, pL=1.8 / 0.138, pO=1.2 / 0.138)
ETOPOSIDE = dict(V=20.0, ke=2.3, pM=2.0 / 31.3, pL=0.9 / 31.3, pO=0.4 / 31.3)
CYTARABINE = dict(V=60.0, ke=40.0, pM=1.5 / 1.2, pL=0.6 / 1.2, pO=0.3 / 1.2)
CYCLOPHOSPHAMIDE = dict(V=40.0, ke=4.75, pM=0.105, pL=0.061, pO=0.010)

RRMS = dict(qT=0.50, leak=2.0, wT=1.0, wB=0.1, lam0=0.0024)
RRMS_START = dict(AM=100.0, AR=6.0, AE=20.0, AT=0.4, I=0.27, AB=0.5, APs=0.4, APl=0.3, AAB=0.4, D=0.06)
CONDITIONING_DAYS = (-5, -4, -3, -2)


def slot_parameters(drugs, penetration):
    """Parameters of the original for cytotoxics in slots 1, 2, ... and their penetration."""
    values = {f"{key}{slot}": value for slot, drug in drugs.items() for key, value in drug.items()}
    return dict(values, pen=penetration)


def graft(cd34_per_kg=5.0, t_cells_per_kg=2.0e8):
    """CD34+ cells (1e6/kg) and T cells (1/kg) on day 0; the T cells bring back the autoreactive pools of the start."""
    share = t_cells_per_kg * WEIGHT / 1e9 / 350.0  # of the body's 350e9 T cells
    pools = dict(N4=100.0, M4=112.0, TR=12.5, N8=50.0, M8=75.0, AM=RRMS_START["AM"], AN=2.0)
    return [(0.0, "SC", cd34_per_kg * WEIGHT, "add")] + [(0.0, s, share * pool, "add") for s, pool in pools.items()]


def atg(mg_per_kg, days):
    """Rabbit ATG over some days; 14 % of the protein is active."""
    return [(float(d), "ATG", mg_per_kg * WEIGHT * 0.14 / len(days), "add") for d in days]


def filgrastim(days):
    """5 micrograms per kg and day, as the equivalent of 12 ng/mL."""
    return [(float(d), "GD1", 12.0, "add") for d in days]


def cases():
    """case -> (parameters, initial states, doses) in design symbols."""
    beam = [(-6.0, "C2", 300 * BODY_SURFACE, "add"), (-1.0, "C1", 140 * BODY_SURFACE, "add")]
    beam += [(float(d), "C3", 200 * BODY_SURFACE, "add") for d in CONDITIONING_DAYS]
    beam += [(d + h, "C4", 200 * BODY_SURFACE, "add") for d in CONDITIONING_DAYS for h in (0.0, 0.5)]
    beam += graft() + atg(7.5, (1, 2)) + filgrastim(range(5, 12))
    cy = [(float(d), "C1", 50 * WEIGHT, "add") for d in CONDITIONING_DAYS]
    cy += atg(6.0, (-5, -4, -3, -2, -1)) + graft() + filgrastim(range(5, 11))
    steroids = [(0.0, "inPRD", 40.0, "set"), (60.0, "inPRD", 20.0, "set"), (120.0, "inPRD", 10.0, "set"), (270.0, "inPRD", 0.0, "set")]
    beam_drugs = {1: MELPHALAN, 2: CARMUSTINE, 3: ETOPOSIDE, 4: CYTARABINE}
    in_time = lambda doses: sorted(doses, key=lambda dose: dose[0])
    return {
        "healthy": ({}, {}, []),
        "untreated": (RRMS, RRMS_START, []),
        "beam_atg": (dict(RRMS, **slot_parameters(beam_drugs, 0.45)), RRMS_START, in_time(beam)),
        "cy200_atg": (dict(RRMS, **slot_parameters({1: CYCLOPHOSPHAMIDE}, 0.40)), RRMS_START, in_time(cy)),
        "steroids": (RRMS, RRMS_START, in_time(steroids)),
    }


def output_times(case):
    """61 equally spaced days; around the graft also once a day, off the dosing times."""
    times = list(np.linspace(START, END, 61))
    if case in SLOTS:
        times += list(np.arange(-6.75, 30.0, 1.0))
    return sorted(times)


def names(text):
    """symbol -> (library name, factor)"""
    entries = [entry.split() for line in text.strip().splitlines() for entry in line.split("|")]
    return {e[0]: (e[1], fraction(e[2]) if len(e) > 2 else 1.0) for e in entries}


def fraction(text):
    above, below = text.split("/")
    return float(above) / float(below)


def clones(name, value):
    """[(library name, value)] to set: what is a total of the library's three clones is dealt out to them."""
    module, _, pool = name.rpartition(".autoreactive_")
    if module != "clone" or pool not in ("naive", "effectors", "memory", "resident_memory"):
        return [(name, value)]
    return [(f"{clone}_clone.{pool}", value / 3) for clone in ("first", "second", "third")]


def library_names(case):
    """symbol -> (library name, factor) of states and parameters that the case uses."""
    slots = {f"C{slot}": (f"drugs.{drug}.amount", 1.0) for slot, drug in SLOTS.get(case, {}).items()}
    return {**names(STATES), **names(PARAMETERS), **slots}


def load(path, model):
    antimony.clearPreviousLoads()
    antimony.clearDirectories()  # imports are looked for in the folders of earlier loads too
    if antimony.loadAntimonyFile(path) < 0:
        raise SystemExit(antimony.getLastError())
    runner = roadrunner.RoadRunner(antimony.getSBMLString(model))
    runner.integrator.relative_tolerance = RELATIVE_TOLERANCE
    runner.integrator.maximum_num_steps = 1000000
    runner.integrator.max_output_rows = 1000000
    return runner


def set_tolerances(runner, relative):
    """Absolute tolerance per state, by its present size (1 for empty states).

    A scalar tolerance would be rescaled by the current value, which is 0 for drugs that have decayed.
    """
    runner.integrator.relative_tolerance = relative
    sizes = [abs(runner[state]) or 1.0 for state in runner.getRateRuleIds()]
    runner.integrator.absolute_tolerance = [ABSOLUTE_TOLERANCE / RELATIVE_TOLERANCE * relative * max(s, 1e-2) for s in sizes]


def simulate(runner, states, overrides, doses, times, relative=RELATIVE_TOLERANCE):
    """Array [time, state]; overrides and doses use the ids of the runner."""
    runner.resetAll()
    for name, value in overrides:
        runner[name] = value
    set_tolerances(runner, relative)
    runner.timeCourseSelections = ["time"] + states
    stops = sorted({dose[0] for dose in doses} | {times[-1]})
    now, rows = START, []
    for stop in stops:
        inside = [t for t in times if now < t < stop or t == stop == times[-1] or t == now == START]
        grid = [now] + [t for t in inside if t > now] + ([] if stop in inside else [stop])
        if stop > now:
            table = {row[0]: row for row in np.array(runner.simulate(times=grid))}
            rows += [table[t] for t in inside]
        now = stop
        for time, name, amount, kind in doses:
            if time == now:
                runner[name] = amount + (runner[name] if kind == "add" else 0.0)
    answer = np.array(rows)
    assert np.array_equal(answer[:, 0], times), "every asked time is answered once"
    return answer[:, 1:]


def error(values, reference, keep):
    """max over times and kept states of |y - ref| / (|ref| + 1e-3 max_t |ref| + ROUNDING), and the state where it is reached"""
    size = np.abs(reference).max(axis=0)
    relative = np.abs(values - reference) / (np.abs(reference) + 1e-3 * size + ROUNDING)
    worst = relative.max(axis=0) * keep
    return worst.max(), int(worst.argmax())


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)


def main(original_path, library_path, out):
    original, library = load(original_path, "immune_core"), load(library_path, "immune_core")
    symbols = list(original.getRateRuleIds())
    flat = lambda name: name.replace(".", "_")
    override_rows, dose_rows, slot_rows, log = [], [], [], []
    for case, (parameters, initial, doses) in cases().items():
        known = library_names(case)
        times = output_times(case)
        overrides = [(s, v, "parameter") for s, v in parameters.items()] + [(s, v, "initial") for s, v in initial.items()]
        library_overrides = [part for s, v, _ in overrides if s in known for part in clones(known[s][0], v * known[s][1])]
        library_overrides += [(f"hazards.{t}_threshold", 1e9) for t in THRESHOLDS]
        library_doses = [(t, *part, kind) for t, s, a, kind in doses for part in clones(known[s][0], a * known[s][1])]

        reference = simulate(original, symbols, [o[:2] for o in overrides], doses, times)
        write(os.path.join(out, f"{case}.csv"), ["time_days"] + symbols,
              [[repr(float(t))] + [f"{x:.12g}" for x in row] for t, row in zip(times, reference)])

        compared = [s for s in symbols if s in known]
        answer = simulate(library, [flat(known[s][0]) for s in compared], [(flat(n), v) for n, v in library_overrides],
                          [(t, flat(n), a, k) for t, n, a, k in library_doses], times)
        answer = answer / np.array([known[s][1] for s in compared])
        looser = simulate(original, symbols, [o[:2] for o in overrides], doses, times, relative=1e-9)
        keep = np.array([s not in DRUG_STATES for s in symbols])
        kept = np.array([s not in DRUG_STATES for s in compared])
        split, at = error(answer, reference[:, [symbols.index(s) for s in compared]], kept)
        own, _ = error(looser, reference, keep)
        line = f"{case:10} library against original {split:.1e} (worst {compared[at]}); original at rtol 1e-9 against 1e-11 {own:.1e}"
        print(line)
        log.append(line)
        assert split < LARGEST_DIFFERENCE, f"{case}: the library model differs from the original"

        override_rows += [[case, s, repr(v), kind, n, w if n == "" else repr(w)] for s, v, kind in overrides
                          for n, w in (clones(known[s][0], v * known[s][1]) if s in known else [("", "")])]
        override_rows += [[case, "", "", "parameter", f"hazards.{t}_threshold", "1e9"] for t in THRESHOLDS]
        dose_rows += [[case, repr(t), s, repr(float(a)), kind, n, repr(w)] for t, s, a, kind in doses for n, w in clones(known[s][0], float(a) * known[s][1])]
        slot_rows += [[case, f"C{slot}", f"drugs.{drug}.amount", "1.0", "state"] for slot, drug in SLOTS.get(case, {}).items()]

    symbol_rows = [["all", s, n, repr(f), "state"] for s, (n, f) in names(STATES).items()]
    symbol_rows += [["all", s, n, repr(f), "parameter"] for s, (n, f) in names(PARAMETERS).items()]
    write(os.path.join(out, "symbols.csv"), ["case", "symbol", "name", "factor", "kind"], symbol_rows + slot_rows)
    write(os.path.join(out, "overrides.csv"), ["case", "symbol", "value", "kind", "name", "library_value"], override_rows)
    write(os.path.join(out, "doses.csv"), ["case", "time_days", "symbol", "amount", "kind", "name", "library_amount"], dose_rows)
    versions = [f"antimony {antimony.__version__}", f"libroadrunner {roadrunner.__version__}", f"numpy {np.__version__}",
                f"Python {platform.python_version()}", f"relative tolerance {RELATIVE_TOLERANCE:g}, absolute {ABSOLUTE_TOLERANCE:g} x size"]
    with open(os.path.join(out, "versions.txt"), "w") as file:
        file.write("\n".join(versions + log) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else os.path.dirname(os.path.abspath(__file__)))
