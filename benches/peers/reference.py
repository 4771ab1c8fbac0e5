"""The reference: CVODE through libRoadRunner at rtol 1e-11, restarted at every dose.

    python reference.py FOLDER PATIENTS

Written as f64, [patient, time, state], into the folder of the case.
"""
import os
import sys

import numpy as np

from case import Case
from roadrunner_peer import Peer

RELATIVE = 1e-11
ABSOLUTE = 1e-4  # of relative tolerance times size: 1e-15 in all


def main(folder, n_patients):
    case = Case(folder)
    peer = Peer(case, "restarts")
    values = []
    for patient in range(n_patients):
        peer.prepare(patient, RELATIVE, ABSOLUTE)
        values.append(peer.by_restarts())
    values = np.array(values)
    assert values.shape == (n_patients, len(case.times), len(case.states)), "every asked time is answered once"
    values.tofile(os.path.join(folder, "reference.part"))
    os.replace(os.path.join(folder, "reference.part"), os.path.join(folder, "reference.f64"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
