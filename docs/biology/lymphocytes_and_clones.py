"""Makes docs/images/lymphocytes.png and docs/images/clones.png with the posterior of the library.

    REGRAFT=target/release/regraft python docs/biology/lymphocytes_and_clones.py [IMAGES] [PATIENTS]

Both trials are run with draws of the posterior (`--posterior ensemble:64`), with a copy of the card of relapsing multiple
sclerosis to which the memory of each clone is added as a laboratory value. IMAGES is docs/images where none is given,
PATIENTS 1000. Prints the figures of docs/biology/clone.md. Needs pandas, pyarrow and matplotlib.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import clones_figure
import lymphocytes_figure

ROOT = Path(__file__).resolve().parents[2]
REGRAFT = os.environ.get("REGRAFT", ROOT / "target" / "release" / "regraft")
CARD = "diseases/multiple_sclerosis_relapsing.toml"
TRIALS = ["mist", "halt_ms"]


def with_clones(folder):
    """A library whose card of the disease also reads the memory of each clone, in blood and tissue together."""
    labs = [
        f'''
[[lab]]
name = "memory_{clone}"
title = "Memory of the {clone} clone"
observable = "{clone}_clone.memory + {clone}_clone.resident_memory"
unit = "Mcell"
cv = {{ value = 0, unit = "", source = "assumed", why = "read without error" }}
scale = "log"
'''
        for clone in ("first", "second", "third")
    ]
    text = (ROOT / "library" / CARD).read_text()
    head, mark, rest = text.partition("[[lab]]")
    assert mark, f"{CARD} has no laboratory value"
    (folder / "diseases").mkdir()
    (folder / CARD).write_text(head + "".join(labs).lstrip() + "\n" + mark + rest)


def main(images=ROOT / "docs" / "images", patients="1000"):
    with tempfile.TemporaryDirectory() as place:
        library, runs = Path(place) / "library", Path(place) / "runs"
        library.mkdir()
        runs.mkdir()
        with_clones(library)
        for trial in TRIALS:
            call = [REGRAFT, "run", trial, "--patients", patients, "--doubt", "0", "--posterior", "ensemble:64"]
            subprocess.run([*call, "--library", library, "--out", runs / trial], check=True, stdout=subprocess.DEVNULL)
        lymphocytes_figure.main(runs, Path(images) / "lymphocytes.png")
        clones_figure.main([runs / trial for trial in TRIALS], Path(images) / "clones.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
