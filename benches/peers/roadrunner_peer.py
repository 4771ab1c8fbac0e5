"""libRoadRunner: CVODE over code made by LLVM.

Doses are events of the SBML (`events`), or the integration is stopped at each and started anew (`restarts`).
"""
import sys

import numpy as np
import roadrunner

import sbml
from case import Case, flat
from worker import serve, timed


class Peer:
    def __init__(self, case, form):
        self.case, self.form = case, form
        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
        self.flat = sbml.Flat(case, with_doses=form == "events")
        self.runner = roadrunner.RoadRunner(self.flat.text())
        self.states = [flat(state) for state in case.states]
        integrator = self.runner.integrator
        integrator.maximum_num_steps = 1_000_000
        self.runner.timeCourseSelections = self.states

    def prepare(self, patient, rtol, absolute=1e-2):
        """Tolerances, absolute ones by the size of each state, and the patient's values."""
        self.runner.resetAll()
        for name, value in self.flat.start_values(patient).items():
            self.runner[name] = value
        sizes = dict(zip(self.states, self.case.sizes))
        order = self.runner.getRateRuleIds()
        self.runner.integrator.relative_tolerance = rtol
        self.runner.integrator.absolute_tolerance = [absolute * rtol * sizes[state] for state in order]

    def solve(self, patient, rtol):
        self.prepare(patient, rtol)
        return timed(self.by_events if self.form == "events" else self.by_restarts)

    def by_events(self):
        return np.array(self.runner.simulate(times=[0.0, *self.case.times]))[1:]

    def by_restarts(self):
        rows = []
        for start, end, times, doses in self.case.segments():
            inside = [time for time in times if time < end]
            table = np.array(self.runner.simulate(times=[start, *inside, end]))
            rows += list(table[1 : 1 + len(inside)])
            if len(times) > len(inside):
                rows.append(table[-1])
            for dose in doses:
                if "add_to" in dose:
                    name = flat(dose["add_to"])
                    self.runner[name] = self.runner[name] + dose["value"]
                else:
                    self.runner[flat(dose["set"])] = dose["value"]
        return np.array(rows)


if __name__ == "__main__":
    case = Case(sys.argv[1])
    serve(case, Peer(case, sys.argv[2]).solve)
