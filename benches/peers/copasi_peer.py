"""COPASI: LSODA on the SBML, doses as its events."""
import sys
import warnings

import basico
import numpy as np

import sbml
from case import Case, flat
from worker import serve, timed


class Peer:
    def __init__(self, case):
        self.case, self.flat, self.loaded = case, sbml.Flat(case), {}

    def model(self, patient):
        if patient not in self.loaded:
            self.loaded[patient] = basico.load_model_from_string(self.flat.text(patient))
        return self.loaded[patient]

    def solve(self, patient, rtol):
        model = self.model(patient)
        course = lambda: basico.run_time_course(
            start_time=0.0, values=[0.0, *self.case.times], method="lsoda", r_tol=rtol, a_tol=1e-8 * rtol,
            max_steps=1_000_000, use_numbers=True, model=model,
        )  # fmt: skip
        seconds, table = timed(course)
        # COPASI also writes rows where an event happened.
        rows = [int(np.argmin(np.abs(table.index.values - time))) for time in self.case.times]
        if len(table) == 0 or np.abs(table.index.values[rows] - self.case.times).max() > 1e-9:
            raise RuntimeError(f"COPASI stopped early for patient {patient}")
        return seconds, table[self.columns(table)].values[rows]

    def columns(self, table):
        known = {column.removeprefix("Values[").removesuffix("]"): column for column in table.columns}
        return [known[flat(state)] for state in self.case.states]


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    case = Case(sys.argv[1])
    serve(case, Peer(case).solve)
