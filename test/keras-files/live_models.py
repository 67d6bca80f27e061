"""What `npm run test:keras-files` hands to and fro: the models of models.py, those of versions/, and a few more.

A case says, beside what a case of versions/ does: "files", the endings of the files that are read here, "order", whether
these need `options.order`, and "compiled", whether Keras' own train_on_batch() trains: a loop of ours costs half the time.
"""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parent / "versions"))

import keras
import numpy as np

import keras3_models
import models
import version_models
from onward import step
from the_keras import seeded, set_policy

ZIP, WEIGHTS, LEGACY, SHARDS, FOLDER = ".keras", ".weights.h5", ".h5", ".weights.json", ".folder"
BOTH = [ZIP, WEIGHTS]
SHARD = 200 / 2**30  # 200 bytes, in the unit of max_shard_size
OF_VERSIONS = {**version_models.CASES, **keras3_models.CASES}


def freeze(model):
    model.layers[0].trainable = False


def freeze_encoder(model):
    model.get_layer("encoder").trainable = False


def thaw(model):
    model.get_layer("frozen").trainable = True


def with_changed(change, **options):
    """The nested model with layers that are frozen or thawed before it is compiled."""

    def made():
        model = version_models.nested()
        change(model)
        return model

    optimizer = lambda: keras.optimizers.Adam(0.01, weight_decay=0.01)
    return {"model": made, "optimizer": optimizer, "input": version_models.vectors, "files": BOTH, **options}


def of_versions(name, files=BOTH, **options):
    return {**OF_VERSIONS[name], "files": files, **options}


def of_models(name, files):
    mixed = models.CASES[name].get("mixed")
    return {**models.CASES[name], "files": files, "compiled": True, **({"policy": "mixed_float16"} if mixed else {})}


WITH_LEGACY = "everything mixed nested adam".split()
SIBLINGS = "adagrad adadelta adamax nadam ftrl schedule-free".split()
OTHERS = "plain accumulating attentive sgd adamw lion".split()
LAYERS = "constraints conv-constraint cells spectral renorm shared gated-attention".split()
CASES = {
    **{name: of_models(name, [ZIP, LEGACY]) for name in WITH_LEGACY},
    **{name: of_models(name, [ZIP]) for name in OTHERS},
    "untrained": dict(of_models("untrained", BOTH), compiled=False),
    **{name: of_versions(name, [ZIP]) for name in SIBLINGS},
    "after-h5": of_versions("after-h5", [ZIP]),
    "sharded": of_versions("sharded", [SHARDS]),
    "folder": of_versions("folder", [FOLDER]),
    "auto-scaled": of_versions("mixed", [*BOTH, LEGACY]),
    "auto-scaled-conv": of_versions("mixed-conv"),
    "frozen-layer": with_changed(freeze),
    "frozen-encoder": with_changed(freeze_encoder),
    "thawed-layer": with_changed(thaw),
    **{name: of_versions(name) for name in ["mixed-bfloat16", "bfloat16", "float16", *LAYERS]},
    **{name: of_versions(name, order=True) for name in "second-first counting own-dense own-state subclassed".split()},
}


def compiled(name):
    """The model of a case, compiled, not trained."""
    case = CASES[name]
    seeded(7)
    set_policy(case.get("policy", "float32"))
    try:
        model = case["model"]()
        model.compile(case["optimizer"](), "categorical_crossentropy")
    finally:
        set_policy("float32")
    return model


def batch(name, step):
    """The same numbers for the same name and step, whatever the process."""
    rng = np.random.default_rng([step, *name.encode()])
    x = CASES[name]["input"](rng)
    rows = len(x[0] if isinstance(x, list) else x)
    return x, np.eye(2, dtype="float32")[rng.integers(0, 2, rows)]


def train(model, name, first, steps):
    """The losses of these steps."""
    whole = CASES[name].get("compiled")
    batches = [batch(name, i) for i in range(first, first + steps)]
    return [float(model.train_on_batch(*each)) if whole else step(model, *each)[0] for each in batches]


def trained(name):
    model = compiled(name)
    train(model, name, 0, CASES[name].get("steps", 2))
    return model
