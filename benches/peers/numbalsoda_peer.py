"""numbalsoda: LSODA (ODEPACK in C++) on a right-hand side compiled by numba, restarted at every dose.

The loop over segments is compiled too, so that no Python runs between doses. The right-hand side computes each
formula of the model once (`plain`), or with all work on parameters alone done before (`hoisted`).
"""
import importlib.util
import os
import sys

import numpy as np
from numba import cfunc, njit
from numbalsoda import lsoda, lsoda_sig

from case import Case
from worker import serve, timed


def compiled(folder, form):
    """The exported functions, compiled: (right-hand side, prepare, number of its parameters)."""
    name = "right_hand_side_hoisted.py" if form == "hoisted" else "right_hand_side.py"
    spec = importlib.util.spec_from_file_location("right_hand_side", os.path.join(folder, name))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    inner = njit(inline="always", error_model="numpy")(module.derivatives)
    right_hand_side = cfunc(lsoda_sig)(lambda t, u, du, p: inner(t, u, du, p))
    return right_hand_side, njit(module.prepare), module.SIZE


def course_of(prepare):
    @njit
    def course(address, u, parameters, p, grids, starts, dose_starts, dose_targets, dose_values, rtol, out):
        """One patient. Segment s has the times grids[starts[s]:starts[s+1]], the first and last being its ends."""
        prepare(parameters, p)
        row = 0
        for segment in range(len(starts) - 1):
            grid = grids[starts[segment] : starts[segment + 1]]
            values, success = lsoda(address, u, grid, p, rtol, 1e-8 * rtol, 1000000)
            if not success:
                return False
            for inside in range(1, len(grid) - 1):
                out[row] = values[inside]
                row += 1
            u[:] = values[-1]
            for dose in range(dose_starts[segment], dose_starts[segment + 1]):
                target = dose_targets[dose]
                if target >= 0:
                    u[target] += dose_values[dose]
                else:
                    parameters[-1 - target] = dose_values[dose]
                    prepare(parameters, p)
        return True

    return course


class Peer:
    def __init__(self, case, form):
        self.case = case
        self.function, prepare, self.size = compiled(case.folder, form)
        self.course = course_of(prepare)
        grids, starts, doses, dose_starts = [], [0], [], [0]
        for start, end, times, given in case.segments():
            inside = [time for time in times if time < end]
            assert len(inside) == len(times), "no output at the end of a segment"
            grids += [start, *inside, end]
            starts.append(len(grids))
            doses += given
            dose_starts.append(len(doses))
        self.grids, self.starts, self.dose_starts = np.array(grids), np.array(starts), np.array(dose_starts)
        self.targets = np.array([self.target(dose) for dose in doses])
        self.values = np.array([dose["value"] for dose in doses])

    def target(self, dose):
        """A state's number, or -1 minus the number of a parameter."""
        if "add_to" in dose:
            return self.case.states.index(dose["add_to"])
        return -1 - self.case.parameters.index(dose["set"])

    def solve(self, patient, rtol):
        u, parameters = self.case.patient_states[patient].copy(), self.case.patient_parameters[patient].copy()
        out = np.empty((len(self.case.times), len(self.case.states)))
        p = np.empty(max(self.size, 1))
        seconds, success = timed(
            lambda: self.course(
                self.function.address, u, parameters, p, self.grids, self.starts, self.dose_starts,
                self.targets, self.values, rtol, out,
            )
        )
        if not success:
            raise RuntimeError(f"LSODA failed for patient {patient}")
        return seconds, out


if __name__ == "__main__":
    case = Case(sys.argv[1])
    serve(case, Peer(case, sys.argv[2]).solve)
