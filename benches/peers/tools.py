"""The tools that are compared, each in a process of its own."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Tool:
    """A name, and something that can be asked for a measurement."""

    def __init__(self, name, how, patients):
        self.name, self.how, self.patients = name, how, patients

    def measure(self, rtol, patients, largest=None):
        """{"seconds", "patients", "error"} or {"failed"}; may stop once an error is above `largest`."""
        raise NotImplementedError

    def close(self):
        pass


class Peer(Tool):
    """Another tool: a process that answers line by line."""

    def __init__(self, name, how, patients, command, folder, *form):
        super().__init__(name, how, patients)
        command = [*command, folder, *form]
        errors = open(os.path.join(folder, f"{name.replace(' ', '_').replace(',', '')}.log"), "w")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=single_threaded()
        )
        if not self.answer().get("ready"):
            raise RuntimeError(f"{name} did not start: {errors.name}")

    def answer(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"failed": "the process ended"}

    def measure(self, rtol, patients, largest=None):
        asked = {"rtol": rtol, "patients": patients, **({} if largest is None else {"largest": largest})}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Engine(Tool):
    """Our own engine: one call of its benchmark per measurement."""

    def __init__(self, name, how, patients, binary, folder, case):
        super().__init__(name, how, patients)
        self.call = [binary, "run", "--case", case, "--threads", "1"]
        self.reference = ["--reference", os.path.join(folder, "reference.f64")]

    def measure(self, rtol, patients, largest=None):
        call = [*self.call, "--rtol", repr(rtol), "--patients", str(patients), *self.reference]
        done = subprocess.run(call, capture_output=True, text=True, env=single_threaded())
        if done.returncode != 0:
            return {"failed": done.stderr.strip()}
        answer = json.loads(done.stdout)
        return {**answer, "seconds": answer["cpu_seconds"]}


def single_threaded():
    """Libraries of linear algebra are told to use one thread."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, "1"), "PYTHONDONTWRITEBYTECODE": "1"}


def script(name):
    return [sys.executable, os.path.join(HERE, name)]


def all_tools(binary, folder, case, diffsol):
    """One of each; who cannot start is named and left out. `diffsol` is its program, or None."""
    rr, nb, copasi = script("roadrunner_peer.py"), script("numbalsoda_peer.py"), script("copasi_peer.py")
    makers = [
        lambda: Engine("regraft", "Rodas5P, lanes", 1024, binary, folder, case),
        lambda: Peer("libRoadRunner", "CVODE, LLVM, hoisted, doses as events", 16, rr, folder, "events"),
        lambda: Peer("libRoadRunner, restarted", "CVODE, LLVM, hoisted, stopped at each dose", 16, rr, folder, "restarts"),
        lambda: Peer("numbalsoda", "LSODA, numba right-hand side", 32, nb, folder, "plain"),
        lambda: Peer("numbalsoda, hoisted", "the same, parameter work done before", 32, nb, folder, "hoisted"),
        lambda: Peer("COPASI", "LSODA, hoisted, doses as events", 8, copasi, folder),
    ]
    if diffsol:
        how = "BDF, DiffSL by Cranelift, sparse LU, stopped at each dose"
        makers.append(lambda: Peer("diffsol", how, 8, [diffsol], folder))
    tools = []
    for make in makers:
        try:
            tools.append(make())
        except RuntimeError as error:
            print(error, file=sys.stderr)
    return tools
