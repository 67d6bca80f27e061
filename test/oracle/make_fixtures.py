"""Writes fixtures/: `python make_fixtures.py` with the packages of requirements.txt. The same bytes each time."""

from environment import ensure, header

ensure()

import json  # noqa: E402
from pathlib import Path  # noqa: E402

from draw import Draw, random_case  # noqa: E402
from families import planned_cases  # noqa: E402
from multi import multi_cases  # noqa: E402
from patterns import NAMES, planned_patterns, random_patterns  # noqa: E402
from run_keras import SIBLINGS, comparable_cases, run  # noqa: E402
from siblings import sibling_cases  # noqa: E402
from special import constraint_cases, scale_cases, schedule_cases  # noqa: E402

FOLDER = Path(__file__).parent / "fixtures"
RANDOM_CASES = 360
RANDOM_PATTERNS = 1200


def main():
    planned = [run({"id": name, "seed": seed, **case}) for seed, (name, case) in enumerate(planned_cases())]
    write("planned", planned)
    write("random", comparable_cases(RANDOM_CASES, random_result))
    write("schedules", schedule_cases())
    write("constraints", constraint_cases())
    for kind in SIBLINGS:
        write(kind, sibling_cases(kind))
    write("scales", scale_cases())
    write("multi", multi_cases())
    write("patterns", [{"names": NAMES}, *planned_patterns(), *random_patterns("fixtures", RANDOM_PATTERNS)])


def random_result(index):
    return run(random_case(f"random/{index}", 10_000 + index, Draw("fixtures", index)))


def write(name, cases):
    """One JSON a line: the header first, then a case each."""
    lines = [json.dumps(line, separators=(",", ":"), allow_nan=False) for line in [header(), *cases]]
    path = FOLDER / f"{name}.jsonl"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {len(lines) - 1} cases, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
