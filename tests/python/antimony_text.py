"""The library's models as SBML, read by libAntimony."""

from pathlib import Path

import antimony

MODELS = Path(__file__).resolve().parents[2] / "library" / "models"


def sbml(name):
    antimony.clearPreviousLoads()
    # Imports are looked for in the folders of earlier loads too, and the core here has drugs of its own.
    antimony.clearDirectories()
    assert antimony.loadAntimonyFile(str(MODELS / name)) >= 0, antimony.getLastError()
    return antimony.getSBMLString(Path(name).stem)
