"""Makes files of the kinds that the Keras of this environment can write, and says what that Keras holds of each.

    python -B make_version_files.py FOLDER [case ...]

Keras 2.2 to 2.15, Keras 3 and tf_keras (with TF_USE_LEGACY_KERAS=1) all run it. Each model is trained for two steps (none
in "untrained"), saved in every kind that this version and this case have, and described in a line of
FOLDER/expected-VERSION.jsonl for each file:

    file, keras, backend, kind, case
    layers      the class names of the model's layers
    weights     path (or name), shape, dtype, bytes in hexadecimal and trainable, in the order of model.weights
    optimizer   class_name, iterations, learning_rate (null under a schedule) and variables, or null where the file has none
    loaded      the weights and the optimizer that load_model() of the same Keras gives where they are not those that were
                saved, or the error with which it fails
    others      likewise the variables that are no weights: states of random generators, metrics (where there are any)
    other_optimizers   those beside model.optimizer, by the names of the model's attributes (where there are any)
    gradients   what the trainable weights are given in each of three more steps of optimizer.apply_gradients(), in the
                order of model.trainable_variables and the dtypes of those weights; where the losses of the optimizer are
                scaled by Keras 3, these are scaled likewise
    then        the weights after those steps, in the order of model.weights, and the loss of a batch after each step

Kinds:

    hdf5             a whole model in one HDF5 file: `.h5`, `.hdf5`, and `.keras` before Keras 2.13
    weights-by-name  Keras 2's model.save_weights("w.h5"): the groups are named as the layers
    weights          `.weights.h5` since 2.12, in the layout of the zip's model.weights.h5
    zip              `.keras` since 2.12 (there with save_format="keras_v3")
    sharded          `.weights.json` and its parts, of Keras 3.10 and later
    folder           Keras 3's save_model(zipped=False)

The models are in version_models.py (both Keras), keras3_models.py and keras3_classes.py (Keras 3 alone) and every_layer.py.
fixtures/ has a choice of the files, each compressed by gzip since HDF5 is mostly zeros (the choice is in make_all.py, which
makes the environments and all the files). layouts.py prints how a file is laid out.

What the files of these versions show:

    Before 2.11 RMSprop's arithmetic without momentum is lr * g / (sqrt(rms) + epsilon); from 2.11 on epsilon is in the root.
    Keras 2's zip has no learning rate among the optimizer's variables, and no state at all of optimizers.legacy.
    Keras 2's zip has metrics; Keras 3's has none.
    Attributes of names are arrays of fixed-length strings with h5py 2, of variable-length ones with h5py 3; those that are
    split (`layer_names0`, `layer_names1`) are of fixed length in either.
    The groups of a zip are named by class in the order of the layers (`dense`, `dense_1`); the name that a layer has itself
    is an attribute of its `vars` group in newer versions (3.6 has it, 3.3 has not).
    In 2.12's and 2.13's zip the layers are in `_layer_checkpoint_dependencies` in place of `layers`, and their numbers go
    up by two: `dense`, `dense_2`, `dense_4`.
    In Keras 3's `.h5` weights and the optimizer's variables are named by paths, in 3.0's by names that may be there twice.
    A layer with LoRA is saved as its merged kernel, the optimizer as it is; on loading LoRA begins anew.
"""

import json
import shutil
import sys
import traceback
import zipfile
from pathlib import Path

import numpy as np

from recorded import class_names, loaded_otherwise, optimizer_of, other_optimizers, others_of, stepped, weights_of
from the_keras import LABEL, NEW_OPTIMIZERS, SAVING_LIB, THREE, VERSION, backend, keras, seeded, set_policy
from version_models import CASES

if THREE:
    from every_layer import CASES as EVERY_LAYER
    from keras3_models import CASES as KERAS_3

    CASES = dict(CASES, **KERAS_3, **EVERY_LAYER)


def batch(case, step):
    """The same numbers for the same step, whatever the process."""
    rng = np.random.default_rng([11, step])
    x = case["input"](rng)
    rows = len(x[0] if isinstance(x, list) else x)
    return x, np.eye(2, dtype="float32")[rng.integers(0, 2, rows)]


def made(case):
    """The model of a case, compiled and trained."""
    seeded(7)
    set_policy(case.get("policy", "float32"))
    try:
        model = case["model"]()
        if case["optimizer"] is not None:
            compiled(model, case)
    finally:
        set_policy("float32")
    return model


def compiled(model, case):
    metrics = {"metrics": case["metrics"]} if "metrics" in case else {}
    loss = case.get("loss", "categorical_crossentropy")
    model.compile(optimizer=case["optimizer"](), loss=loss, **metrics)
    train = case.get("train", lambda model, x, y: model.train_on_batch(x, y))
    for step in range(case.get("steps", 2)):
        train(model, *batch(case, step))
    if "after" in case:
        case["after"](model)


def endings(name, case):
    """How the files of a case end, by the kinds of this version."""
    if "endings" in case:
        return case["endings"]
    every = [".keras", ".weights.h5", ".h5"]  # in Keras 3 saving an `.h5` file takes the optimizer out of the later config
    if not THREE:
        every.append(".by-name.h5")
    if name == "plain":
        every.append(".hdf5")
        if VERSION == (2, 12):
            every.append(".hdf5.keras")
    return every


def saved(model, path):
    """Saves a model in the kind that the name asks for; the name of that kind."""
    name = str(path)
    if name.endswith(".by-name.h5"):
        model.save_weights(name)
        return "weights-by-name"
    if name.endswith(".weights.h5"):
        model.save_weights(name)
        return "weights" if SAVING_LIB else "weights-by-name"
    if name.endswith(".weights.json"):
        model.save_weights(name, max_shard_size=SHARD)
        return "sharded"
    if name.endswith(".folder"):
        keras.saving.save_model(model, name, zipped=False)
        return "folder"
    options = {}
    if name.endswith(".keras") and VERSION == (2, 12):
        options["save_format"] = "h5" if name.endswith(".hdf5.keras") else "keras_v3"
    model.save(name, **options)
    return "zip" if name.endswith(".keras") and zipfile.is_zipfile(name) else "hdf5"


SHARD = 200 / 2**30  # 200 bytes, in the unit of max_shard_size


def has_optimizer(path, kind):
    """Whether the file itself has anything of an optimizer."""
    import h5py

    if kind == "weights-by-name":
        return False
    if kind == "sharded":
        return any(key.startswith("/optimizer") for key in json.loads(path.read_text())["weight_map"])
    if kind == "folder":
        return has_optimizer(path / "model.weights.h5", "weights")
    if kind != "zip":
        with h5py.File(str(path), "r") as file:
            return "optimizer" in file or "optimizer_weights" in file
    with zipfile.ZipFile(str(path)) as archive, archive.open("model.weights.h5") as inner, h5py.File(inner, "r") as file:
        return "optimizer" in file


def write(folder, name, case):
    """Writes the files of a case; the lines that say what Keras holds of each."""
    model = made(case)
    files = []
    for ending in endings(name, case):
        path = folder / "{}-{}{}".format(LABEL, name, ending)
        if path.is_dir():
            shutil.rmtree(str(path))
        try:
            kind = saved(model, path)
        except (ValueError, NotImplementedError, TypeError, KeyError, OSError, RuntimeError) as error:
            print("not saved: {}: {}: {}".format(path.name, type(error).__name__, str(error).split("\n")[0][:200]))
            path.unlink() if path.is_file() else None
            continue
        files.append({"file": path.name, "keras": LABEL, "backend": backend(), "kind": kind, "case": name})
    held = {"layers": class_names(model), "weights": weights_of(model)}
    extra = {"others": others_of(model), "other_optimizers": other_optimizers(model)}
    held.update((key, value) for key, value in extra.items() if value)
    optimizer = optimizer_of(getattr(model, "optimizer", None))
    for file in files:
        if file["kind"] in ("hdf5", "zip"):
            loaded = loaded_otherwise(folder / file["file"], held["weights"], optimizer)
            file.update({"loaded": loaded} if loaded else {})
    steps = None
    if optimizer is not None and case["optimizer"] is not None and case.get("step", True):
        steps = stepped(model, [batch(case, step) for step in range(2, 5)])
    for file in files:
        own = optimizer is not None and has_optimizer(folder / file["file"], file["kind"])
        yield dict(file, **held, optimizer=optimizer if own else None, **(steps if own and steps else {}))


def main(folder, *names):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    with open(str(folder / "expected-{}.jsonl".format(LABEL)), "w") as lines:
        for name, case in CASES.items():
            if not case.get("when", True) or (names and name not in names):
                continue
            try:
                for line in write(folder, name, case):
                    lines.write(json.dumps(line) + "\n")
            except Exception:
                failed.append(name)
                print("{}: {}: {}".format(LABEL, name, traceback.format_exc()[-1500:]))
    print("{}: failed: {}".format(LABEL, failed or "none"))


if __name__ == "__main__":
    main(*sys.argv[1:])
