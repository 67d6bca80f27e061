"""Makes the files of fixtures/ with real Keras: each case of models.py on the backend of KERAS_BACKEND.

    KERAS_BACKEND=jax python -B make_files.py fixtures [case ...]

Beside each file a line of expected-BACKEND.jsonl says what Keras itself holds, in its own order.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np

from models import CASES, trained


def described(variable, trainable=None):
    value = np.asarray(keras.ops.convert_to_numpy(variable.value))
    extra = {} if trainable is None else {"trainable": trainable}
    hexes = np.ascontiguousarray(value).tobytes().hex()
    return {"path": variable.path, "shape": list(value.shape), "dtype": value.dtype.name, "hex": hexes, **extra}


def expectation(name, model):
    trainable = {id(variable) for variable in model.trainable_variables}
    return {
        "name": name,
        "keras": keras.__version__,
        "weights": [described(variable, id(variable) in trainable) for variable in model.weights],
        "optimizer": [described(variable) for variable in model.optimizer.variables],
        "iterations": int(keras.ops.convert_to_numpy(model.optimizer.iterations)),
        "learning_rate": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
    }


def main(folder, *names):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    backend = keras.backend.backend()
    with open(folder / f"expected-{backend}.jsonl", "w") as lines:
        for name in names or CASES:
            model = trained(name)
            model.save(folder / f"{backend}-{name}.keras")
            model.save_weights(folder / f"{backend}-{name}.weights.h5")
            lines.write(json.dumps(expectation(name, model)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
