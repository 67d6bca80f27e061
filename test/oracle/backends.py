"""A report, not a test: how far plain Keras on each of its backends is from Keras' formulas with correctly rounded powers.

`python backends.py` runs the float32 fixtures on every backend that this Python has, and prints by optimizer how many runs
end in the same bits, how many are off by at most ten units in the last place, and how many by more: there sums, powers
or subnormal numbers of a backend have other bits, and the run has gone its own way since. Runs that Keras itself cannot make on
a backend are counted as failed. The table takes five minutes.
"""

import os
import sys
from importlib.util import find_spec

from environment import ensure

PARTS = {"reference": "numpy", "numpy": "numpy", "jax": "jax", "tensorflow": "tensorflow"}
PART = sys.argv[1] if len(sys.argv) > 1 else None
if PART:
    ensure(PARTS[PART])

import json  # noqa: E402
import subprocess  # noqa: E402
from contextlib import nullcontext  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

FIXTURES = Path(__file__).parent / "fixtures"
FILES = ["planned", "random", "sgd", "adam", "adamw", "lion"]
NEAR = 10


def main():
    backends = [name for name in ("numpy", "jax", "tensorflow") if find_spec(name)]
    ends = {part: ends_of(part) for part in ["reference", *backends]}
    print(f"{'':12}{'optimizer':12}{'runs':>6}{'same bits':>11}{'<= 10 ulp':>11}{'more':>6}{'failed':>8}")
    for backend in backends:
        for kind in dict.fromkeys(kind for kind, _ in ends[backend].values()):
            found = [(end, ends["reference"][name][1]) for name, (own, end) in ends[backend].items() if own == kind]
            distances = [distance(*pair) for pair in found if pair[0]]
            same = sum(ulp == 0 for ulp in distances)
            near = sum(0 < ulp <= NEAR for ulp in distances)
            print(f"{backend:12}{kind:12}{len(found):6}{same:11}{near:11}{len(distances) - same - near:6}{len(found) - len(distances):8}")


def ends_of(part):
    """Case -> its optimizer and its variables after the last step, none where Keras has failed."""
    environment = {key: value for key, value in os.environ.items() if key != "RMSPROP_ORACLE_READY"}
    command = [sys.executable, "-B", __file__, part]
    lines = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    return {name: (kind, [np.frombuffer(bytes.fromhex(text), "<u4") for text in end]) for name, kind, end in map(json.loads, lines)}


def run_all(part):
    """A JSON line for each case: its name, its optimizer, the bits of each variable."""
    from bits import canonical

    for case in (json.loads(line) for name in FILES for line in (FIXTURES / f"{name}.jsonl").read_text().splitlines()[1:]):
        if case["dtype"] != "float32" or case.get("lost") or case.get("mode") == "stateless":
            continue
        variables = end_of(case, part == "reference")
        print(json.dumps([case["id"], case["kind"], [canonical(np.asarray(v.value)).hex() for v in variables]]))


def end_of(case, rounded):
    """The variables after all steps of the case; none where Keras fails, as it does on some backends."""
    from rounding import correctly_rounded
    from run_keras import Run

    try:
        with correctly_rounded() if rounded else nullcontext():
            run = Run(case)
            for run.call, step in enumerate(case["steps"]):
                run.before(step)
                run.apply(step)
                if step.get("finalize"):
                    run.optimizer.finalize_variable_values(run.ordered())
            return run.variables
    except Exception as error:
        if rounded:
            raise
        print(f"{case['id']}: {type(error).__name__}", file=sys.stderr)
        return []


def distance(found, expected):
    """The greatest distance between two lists of arrays, in units in the last place."""
    return max(int(np.abs(ordered(a) - ordered(b)).max(initial=0)) for a, b in zip(found, expected))


def ordered(bits):
    """Bits of float32 as whole numbers in the order of the numbers; both zeros are one."""
    signed = bits.astype(np.int64)
    return np.where(signed >> 31, (1 << 31) - signed, signed)


if __name__ == "__main__":
    run_all(PART) if PART else main()
