"""Compares the tools at matched achieved error, in interleaved rounds.

    python compare.py BINARY FOLDER CASE ROUNDS [DIFFSOL]

Prints what is measured as it goes and writes FOLDER/peers.json.

1. For each tool, the loosest tolerance whose error against the reference is at most LARGEST_ERROR.
2. Rounds: every tool once per round; seconds per patient, and per round the ratio of each tool to ours.
"""
import importlib.metadata
import json
import os
import statistics
import sys

from tools import all_tools

LARGEST_ERROR = 1e-4
SCAN_PATIENTS = 32
TOLERANCES = [1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7, 1e-7]
REFINEMENTS = 2
PACKAGES = ["libroadrunner", "numbalsoda", "numba", "copasi-basico", "antimony", "numpy"]


def matched(tool):
    """(tolerance, error) of the loosest tolerance found that is good enough, or None.

    The tolerances of the list are tried from the loosest, since an error does not always grow with the tolerance.
    Between the last that fails and the first that is good enough, the geometric middle is tried REFINEMENTS times.
    """
    tried = ((rtol, error_at(tool, rtol)) for rtol in TOLERANCES)
    found = next(((rtol, error) for rtol, error in tried if error <= LARGEST_ERROR), None)
    if found is None or found[0] == TOLERANCES[0]:
        return found
    too_loose = TOLERANCES[TOLERANCES.index(found[0]) - 1]
    for _ in range(REFINEMENTS):
        middle = float(f"{(too_loose * found[0]) ** 0.5:.1e}")
        error = error_at(tool, middle)
        if error <= LARGEST_ERROR:
            found = middle, error
        else:
            too_loose = middle
    return found


def error_at(tool, rtol):
    """The largest error at a tolerance; infinite where the tool fails."""
    answer = tool.measure(rtol, SCAN_PATIENTS, LARGEST_ERROR)
    shown = f"error {answer['error']:.2e}" if "error" in answer else answer["failed"][:100]
    if answer.get("patients", SCAN_PATIENTS) < SCAN_PATIENTS:
        shown += f" in patient {answer['patients']}, not gone on with"
    print(f"  {tool.name:26} rtol {rtol:.1e}  {shown}", flush=True)
    return answer.get("error", float("inf"))


def main(binary, folder, case, rounds, diffsol):
    tools = all_tools(binary, folder, case, diffsol)
    found = {tool.name: matched(tool) for tool in tools}
    kept = [tool for tool in tools if found[tool.name]]
    seconds = {tool.name: [] for tool in kept}
    for number in range(rounds):
        for tool in kept:
            answer = tool.measure(found[tool.name][0], tool.patients)
            seconds[tool.name].append(answer["seconds"] / answer["patients"])
        line = ", ".join(f"{name} {1 / times[-1]:.1f}/s" for name, times in seconds.items())
        print(f"  round {number + 1}: {line}", flush=True)
    rows = [row(tool, found[tool.name], seconds) for tool in kept]
    rows += [{"tool": tool.name, "how": tool.how, "rtol": None} for tool in tools if not found[tool.name]]
    for tool in tools:
        tool.close()
    written = {"case": case, "rounds": rounds, "rows": rows, "versions": versions()}
    with open(os.path.join(folder, "peers.json"), "w") as file:
        json.dump(written, file, indent=1)


def versions():
    """package -> version, of those that are installed."""
    parts = importlib.metadata.distributions()
    installed = {part.metadata["Name"].lower().replace("_", "-"): part.version for part in parts}
    return {package: installed[package] for package in PACKAGES if package in installed}


def row(tool, found, seconds):
    """One line of the table."""
    own, ours = seconds[tool.name], seconds["regraft"]
    ratios = [theirs / mine for theirs, mine in zip(own, ours)]
    return {
        "tool": tool.name, "how": tool.how, "rtol": found[0], "error": found[1], "patients": tool.patients,
        "per_second": [1 / value for value in own], "median_per_second": 1 / statistics.median(own),
        "ratios": ratios, "median_ratio": statistics.median(ratios),
    }  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), (sys.argv + [None])[5])
