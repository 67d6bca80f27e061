"""Keras loads files that rmsprop wrote, and goes on: beside a run that never left Keras.

    KERAS_BACKEND=jax python -B check_files.py FOLDER

A line of JSON for each case: what was compared, and how much of it differs.
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np

from models import CASES, compiled, train, trained

STEPS = 7


def arrays(model):
    # Keras saves no seeds of random layers: those are among model.variables only.
    values = [variable.value for variable in [*model.weights, *model.optimizer.variables]]
    return [np.asarray(keras.ops.convert_to_numpy(value)) for value in values]


def differing_bits(ours, theirs):
    if len(ours) != len(theirs) or any(a.shape != b.shape or a.dtype != b.dtype for a, b in zip(ours, theirs)):
        return -1
    xor = [np.bitwise_xor(np.frombuffer(a.tobytes(), "u1"), np.frombuffer(b.tobytes(), "u1")) for a, b in zip(ours, theirs)]
    return int(sum(np.unpackbits(x).sum() for x in xor))


def loaded(kind, folder, name):
    path = folder / f"{keras.backend.backend()}-{name}.out.{kind}"
    if kind == "keras":
        return keras.models.load_model(path)
    model = compiled(name)
    model.optimizer.build(model.trainable_variables)
    model.load_weights(path)
    return model


def main(folder):
    warnings.simplefilter("error", UserWarning)  # Keras only warns when it leaves the state out
    folder = Path(folder)
    for name in CASES:
        if name in ("adafactor", "untrained"):
            continue
        first = CASES[name]["steps"]
        stayed = trained(name)
        there = arrays(stayed)
        losses = train(stayed, name, first, STEPS)
        for kind in ("keras", "weights.h5"):
            came = loaded(kind, folder, name)
            before = differing_bits(arrays(came), there)
            same = train(came, name, first, STEPS) == losses
            after = differing_bits(arrays(came), arrays(stayed))
            iterations = int(keras.ops.convert_to_numpy(came.optimizer.iterations))
            print(json.dumps({"backend": keras.backend.backend(), "name": name, "kind": kind, "arrays": len(there),
                              "before": before, "losses": same, "after": after, "iterations": iterations}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
