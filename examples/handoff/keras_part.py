"""Keras' part of a run: takes over weights and optimizer, trains on, and hands them back.

    KERAS_BACKEND=jax python -B keras_part.py JOB

JOB is a JSON file. Prints JSON: the state when it began and when it ended, as bits, and the loss of every epoch.
"""

import base64
import json
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np


def distribute(kind):
    """Over the devices that there are: data parallel, or a mesh of 4 by 2 over which the layers are split, too."""
    if kind == "none":
        return None
    devices = keras.distribution.list_devices()
    if kind == "data":
        return keras.distribution.DataParallel(devices=devices)
    mesh = keras.distribution.DeviceMesh((4, 2), ["batch", "model"], devices)
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*kernel"] = (None, "model")
    layout[".*bias"] = ("model",)
    return keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")


def compiled(config):
    keras.utils.set_random_seed(1)
    layers = [keras.Input((64,)), keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.RMSprop.from_config(config), loss="categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def state_of(model):
    variables = [*model.weights, *model.optimizer.variables]
    arrays = [np.asarray(keras.ops.convert_to_numpy(variable.value)) for variable in variables]
    return [
        {"name": variable.path, "shape": list(array.shape), "bits": base64.b64encode(as_saved(array).tobytes()).decode()}
        for variable, array in zip(variables, arrays)
    ]


def as_saved(array):
    """The iteration is a 64-bit integer on TensorFlow and a 32-bit one on JAX."""
    return array.astype("<i4") if array.dtype.kind in "iu" else array.astype("<f4")


def loss_of(model, pixels, classes):
    """One step; the loss of its batch, not the mean over those before it, too."""
    model.reset_metrics()
    return float(model.train_on_batch(pixels, classes))


def main(path):
    warnings.simplefilter("error", UserWarning)  # Keras only warns when it leaves the optimizer's state out
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    distribution = distribute(job["distribution"])
    if distribution is not None:
        keras.distribution.set_distribution(distribution)
    model = compiled(job["config"])
    if job["weightsIn"] is not None:
        model.load_weights(job["weightsIn"])
    began = state_of(model)
    pixels = np.fromfile(job["pixels"], "<f4").reshape(-1, 64)
    classes = np.eye(10, dtype="float32")[np.fromfile(job["labels"], "u1")]
    orders = np.fromfile(job["orders"], "<i4").reshape(job["epochs"], -1, job["batchSize"])
    losses = []
    for order in orders:
        batches = [loss_of(model, pixels[rows], classes[rows]) for rows in order]
        losses.append(float(np.mean(batches)))
    model.save_weights(job["weightsOut"])
    kernel = model.layers[0].kernel.value
    devices = len(kernel.sharding.device_set) if keras.backend.backend() == "jax" else 1
    sharding = str(kernel.sharding.spec) if distribution is not None else ""
    print(json.dumps({"began": began, "ended": state_of(model), "losses": losses, "devices": devices, "sharding": sharding}))


main(sys.argv[1])
