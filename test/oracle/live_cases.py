"""Fresh random cases with what real Keras gives for them, as JSON lines on standard output. live.ts reads them.

With --tensorflow they are cases of float64 on TensorFlow, which is the reference there; see tensorflow_cases.py.
"""

import sys

from environment import ensure, header

ON_TENSORFLOW = "--tensorflow" in sys.argv
ensure("tensorflow" if ON_TENSORFLOW else "numpy")

import argparse  # noqa: E402
import json  # noqa: E402

from draw import Draw, random_case  # noqa: E402
from run_keras import CLASSES, NotComparable, run  # noqa: E402
from tensorflow_cases import EXACT_KINDS, float64_case  # noqa: E402

KINDS = list(CLASSES)

# Enough for every array of a case.
EVERYTHING = 10**9


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--only", type=int, help="this case alone, with all elements of its arrays")
    parser.add_argument("--calls", type=int, help="only the first calls of it")
    parser.add_argument("--tensorflow", action="store_true", help="float64, on TensorFlow")
    options = parser.parse_args()
    say(header())
    if options.only is not None:
        return say(live_case(options.seed, options.only, EVERYTHING, options.calls))
    for index in range(options.cases):
        say(live_case(options.seed, index, 64))


def live_case(seed, index, full, calls=None):
    """A draw that NumPy rounds wrongly is drawn again; `attempts` says how often."""
    attempts = 0
    while True:
        case = drawn(seed, index, attempts)
        attempts += 1
        try:
            result = run(case, full)
        except NotComparable:
            continue
        if calls is not None:
            result = run({**case, "steps": case["steps"][:calls]}, full)
        return {**result, "attempts": attempts}


def drawn(seed, index, attempts):
    draw = Draw("tensorflow" if ON_TENSORFLOW else "live", seed, index, attempts)
    kinds = EXACT_KINDS if ON_TENSORFLOW else KINDS
    kind = kinds[index % len(kinds)]
    case = random_case(f"{seed}/{index}", seed * 100_003 + index, draw, kind, large=0.4, max_size=2000)
    return float64_case(case, draw) if ON_TENSORFLOW else case


def say(line):
    print(json.dumps(line, separators=(",", ":"), allow_nan=False), flush=True)


if __name__ == "__main__":
    main()
