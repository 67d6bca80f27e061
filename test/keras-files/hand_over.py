"""Makes files with real Keras, waits until rmsprop has trained on from them, and goes on from the files that it wrote.

    KERAS_BACKEND=jax python -B hand_over.py FOLDER [case ...]

The models stay in memory meanwhile: they are the runs that never left Keras. FOLDER/BACKEND.jsonl has a line for each file:
what Keras held when it saved it, the gradients of three more steps, and what Keras made of these. Then "made" is printed, and a line
is waited for. After it a line of JSON is printed for each file that came back: what was compared, and how much of it differs.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import h5py
import keras
import numpy as np
from keras.src.legacy.saving.legacy_h5_format import load_optimizer_weights_from_hdf5_group

from live_models import CASES, FOLDER, LEGACY, SHARD, SHARDS, WEIGHTS, batch, compiled, set_policy, train, trained
from onward import numbers, recorded

BACKEND = keras.backend.backend()
HERE = 3  # steps on recorded gradients
THERE = 3  # steps in Keras, after those


def described(variables):
    values = [numbers(variable) for variable in variables]
    return [{"shape": list(v.shape), "dtype": v.dtype.name, "hex": np.ascontiguousarray(v).tobytes().hex()} for v in values]


def saved(model, path):
    name = str(path)
    if name.endswith(SHARDS):
        model.save_weights(name, max_shard_size=SHARD)
    elif name.endswith(WEIGHTS):
        model.save_weights(name)
    elif name.endswith(FOLDER):
        keras.saving.save_model(model, name, zipped=False)
    else:
        model.save(name)


def paths_of(model, path):
    """Where each trained variable lies in a file of weights: they are filled with numbers that say which they are."""
    values = [numbers(variable) for variable in model.weights]
    for i, variable in enumerate(model.weights):
        variable.assign(np.full(variable.shape, 1000 + i))
    model.save_weights(path)
    for variable, value in zip(model.weights, values):
        variable.assign(value)
    paths = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and np.size(item) and np.ravel(item)[0] >= 1000:
            paths[int(np.ravel(item)[0]) - 1000] = name

    with h5py.File(path) as file:
        file.visititems(visit)
    trained_ones = {id(variable) for variable in model.trainable_variables}
    return [paths[i] for i, variable in enumerate(model.weights) if id(variable) in trained_ones]


class Reference:
    """The process of reference.py."""

    def __init__(self):
        env = {**os.environ, "KERAS_BACKEND": "numpy"}
        command = [sys.executable, "-B", str(Path(__file__).with_name("reference.py"))]
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stepped(self, case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def take(variables, values):
    """Gives variables these values, rounded to their types."""
    for variable, held in zip(variables, values):
        value = np.frombuffer(bytes.fromhex(held["hex"]), held["dtype"]).reshape(held["shape"])
        variable.assign(value.astype(variable.dtype))


def made(folder, name, reference):
    """Makes the files of a case; the model, which has gone on, and the lines that say so."""
    case = CASES[name]
    model = trained(name)
    held = {
        "weights": described(model.weights),
        "state": described(model.optimizer.variables),
        "trainable": [any(each is variable for each in model.trainable_variables) for variable in model.weights],
        "optimizer": keras.saving.serialize_keras_object(model.optimizer),
        "config": None if case.get("order") else json.loads(model.to_json()),
        "order": paths_of(model, folder / f"{BACKEND}-{name}.paths.weights.h5") if case.get("order") else None,
    }
    files = [f"{BACKEND}-{name}{ending}" for ending in case["files"]]
    for file in files:
        saved(model, folder / file)
    before = described(model.trainable_variables)
    constraints = [keras.saving.serialize_keras_object(variable.constraint) for variable in model.trainable_variables]
    first = case.get("steps", 2)
    gradients = [described(step) for step in recorded(model, [batch(name, first + i) for i in range(HERE)])]
    asked = {"optimizer": held["optimizer"], "state": held["state"], "trained": before}
    then = reference.stepped({**asked, "constraints": constraints, "gradients": gradients})
    take(model.trainable_variables, then["trained"])
    take(model.optimizer.variables, then["state"])
    exact = iter(then["trained"])
    weights = [next(exact) if trains else now for trains, now in zip(held["trainable"], described(model.weights))]
    steps = [[each["hex"] for each in step] for step in gradients]
    more = {"gradients": steps, "then": {"weights": weights, "state": then["state"]}}
    return model, [{"file": file, "name": name, **held, **more} for file in files]


def arrays(model):
    # Keras saves no seeds of random layers: those are among model.variables only.
    values = [variable.value for variable in [*model.weights, *model.optimizer.variables]]
    return [np.asarray(keras.ops.convert_to_numpy(value)) for value in values]


def differing_bits(ours, theirs):
    if len(ours) != len(theirs) or any(a.shape != b.shape or a.dtype != b.dtype for a, b in zip(ours, theirs)):
        return -1
    xor = [np.bitwise_xor(np.frombuffer(a.tobytes(), "u1"), np.frombuffer(b.tobytes(), "u1")) for a, b in zip(ours, theirs)]
    return int(sum(np.unpackbits(x).sum() for x in xor))


def loaded(path, name):
    """The model with the state of its optimizer."""
    if path.name.endswith(WEIGHTS) or name == "after-h5":  # whose config has no optimizer
        model = compiled(name)
        model.optimizer.build(model.trainable_variables)
        model.load_weights(path)
        return model
    if not path.name.endswith(LEGACY):
        set_policy(CASES[name].get("policy", "float32"))  # a loss scale of `compile` is made where it says so
        try:
            return keras.models.load_model(path)
        finally:
            set_policy("float32")
    # Keras 3 builds the optimizer of such a file on no variables, and cannot train on. It takes what is there by its order.
    optimizer = compiled(name).optimizer
    model = keras.models.load_model(path, compile=False)
    model.compile(optimizer, "categorical_crossentropy")
    optimizer.build(model.trainable_variables)
    with h5py.File(path) as file:
        values = load_optimizer_weights_from_hdf5_group(file)
        # Keras' set_weights() passes over those within a loss scale.
        for variable, value in zip(optimizer.variables, values, strict=True):
            variable.assign(value[()])
    return model


def checked(folder, name, stayed):
    """A row for each file that came back."""
    first = CASES[name].get("steps", 2) + HERE
    there = arrays(stayed)
    losses = train(stayed, name, first, THERE)
    after = arrays(stayed)
    for path in sorted(folder.glob(f"{BACKEND}-{name}.out*")):
        row = {"backend": BACKEND, "file": path.name, "arrays": len(there)}
        try:
            came = loaded(path, name)
            row["before"] = differing_bits(arrays(came), there)
            row["losses"] = train(came, name, first, THERE) == losses
            row["after"] = differing_bits(arrays(came), after)
            row["iterations"] = int(numbers(came.optimizer.iterations))
        except Exception as error:
            row["problem"] = f"{type(error).__name__}: {error}"[:1000]
        yield row


def main(folder, *names):
    folder = Path(folder)
    stayed, reference = {}, Reference()
    with open(folder / f"{BACKEND}.jsonl", "w") as lines:
        for name in names or CASES:
            stayed[name], files = made(folder, name, reference)
            lines.writelines(json.dumps(file) + "\n" for file in files)
    reference.process.stdin.close()
    print("made", flush=True)
    sys.stdin.readline()
    warnings.simplefilter("error", UserWarning)  # Keras only warns when it leaves the state out
    for name, model in stayed.items():
        for row in checked(folder, name, model):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
