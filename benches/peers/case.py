"""The case as the engine's benchmark exports it, and the measure of error."""
import json
import os

import numpy as np

# What a reference at an absolute tolerance of 1e-15 times a size cannot tell from 0.
NOTHING = 1e-15


class Case:
    """Numbers of one case: states, doses, times, and the patients' values."""

    def __init__(self, folder):
        with open(os.path.join(folder, "case.json")) as file:
            raw = json.load(file)
        self.folder = folder
        self.end = raw["end"]
        self.times = np.array(raw["times"])
        self.states = [state["name"] for state in raw["states"]]
        self.sizes = np.array([state["size"] for state in raw["states"]])
        self.judged = np.array([not state["drug"] for state in raw["states"]])
        self.parameters = raw["parameters"]
        self.overridden = raw["overridden"]
        self.doses = raw["doses"]
        self.patient_states = np.array(raw["patient_states"])
        self.patient_parameters = np.array(raw["patient_parameters"])

    def doses_by_time(self):
        """[(time, [dose])], ascending."""
        times = sorted({dose["time"] for dose in self.doses})
        return [(time, [dose for dose in self.doses if dose["time"] == time]) for time in times]

    def start_values(self, patient):
        """name -> value: what sets this patient apart, parameters first."""
        own = {self.parameters[index]: self.patient_parameters[patient, index] for index in self.overridden}
        return {**own, **dict(zip(self.states, self.patient_states[patient]))}

    def segments(self):
        """(from, to, output times after `from` and up to `to`, doses at `to`), in order.

        No output falls on a dose. The last segment ends with the follow-up.
        """
        stops = [*self.doses_by_time(), (self.end, [])]
        now = 0.0
        for time, doses in stops:
            yield now, time, self.times[(self.times > now) & (self.times <= time)], doses
            now = time

    def error(self, values, reference):
        """max of |y - ref| / (|ref| + 1e-3 max_t |ref|) over [patient, time, judged state].

        A state that never passes NOTHING is not judged: it has no size.
        """
        n = min(len(values), len(reference))
        ours, known = values[:n][:, :, self.judged], reference[:n][:, :, self.judged]
        size = np.abs(known).max(axis=1, keepdims=True)
        relative = np.abs(ours - known) / np.where(size > NOTHING, np.abs(known) + 1e-3 * size, np.inf)
        return float(relative.max()) if np.isfinite(ours).all() else float("inf")

    def reference(self):
        """[patient, time, state], or None if there is none yet."""
        path = os.path.join(self.folder, "reference.f64")
        if not os.path.exists(path):
            return None
        return np.fromfile(path).reshape(-1, len(self.times), len(self.states))


def flat(name):
    """A name as SBML allows it."""
    return name.replace(".", "_")
