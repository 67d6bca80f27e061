"""What Keras' formulas make of recorded gradients: on its numpy backend, where each operation rounds once, halves as float32.

A line of JSON for each case comes in: "optimizer", and "constraints", "trained" and "gradients" of the trained variables, "state"
of the optimizer's. The line that goes out has "trained" and "state" after these steps.
"""

import json
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1] / "oracle"))

from environment import ensure

ensure()

import keras
import numpy as np
from rounding import correctly_rounded


def described(value):
    value = np.asarray(value)
    return {"shape": list(value.shape), "dtype": value.dtype.name, "hex": np.ascontiguousarray(value).tobytes().hex()}


def array_of(held):
    return np.frombuffer(bytes.fromhex(held["hex"]), held["dtype"]).reshape(held["shape"])


def stepped(case):
    optimizer = keras.saving.deserialize_keras_object(case["optimizer"])
    trained = [keras.Variable(array_of(held), dtype="float32") for held in case["trained"]]
    for variable, constraint in zip(trained, case["constraints"]):
        variable.constraint = keras.saving.deserialize_keras_object(constraint)
    optimizer.build(trained)
    for variable, held in zip(optimizer.variables, case["state"]):
        variable.assign(array_of(held))
    for step in case["gradients"]:
        optimizer.apply([array_of(held) for held in step], trained)
    return {name: [described(v.value) for v in some] for name, some in (("trained", trained), ("state", optimizer.variables))}


for line in sys.stdin:
    with correctly_rounded():
        print(json.dumps(stepped(json.loads(line))), flush=True)
