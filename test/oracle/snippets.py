"""Runs programs, given as a JSON list on standard input, and prints the config of the optimizer that each makes."""

from environment import ensure

ensure()

import json  # noqa: E402
import sys  # noqa: E402


def config_of(program):
    scope = {}
    try:
        exec(program, scope)
        return scope["optimizer"].get_config()
    except Exception as error:  # Told beside the program, whatever it is.
        return f"{type(error).__name__}: {error}"


print(json.dumps([config_of(program) for program in json.load(sys.stdin)]))
