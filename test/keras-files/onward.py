"""Batches whose gradients are recorded, so that others can make the same steps."""

from contextlib import nullcontext
from functools import cache

import keras
import numpy as np

JAX = keras.backend.backend() == "jax"
if JAX:
    import jax
else:
    import tensorflow as tf


def numbers(value):
    """As an array of NumPy; halves as float32, which is exact."""
    array = np.asarray(keras.ops.convert_to_numpy(value))
    return array.astype("float32") if array.dtype.itemsize == 2 else array


@cache
def gradients_of(model):
    """A function of a batch: its loss, the gradients, scaled if the optimizer scales, and what the others become."""
    training = {"training": True} if model._call_has_training_arg else {}

    def loss_of(values, others, scale, x, y):
        out, changed = model.stateless_call(values, others, x, **training)
        loss = model.compute_loss(x, y, out)
        return loss * scale, (loss, changed)

    def recorded(values, *rest):
        with tf.GradientTape() as tape:
            tape.watch(values)
            scaled, more = loss_of(values, *rest)
        return [tf.convert_to_tensor(each) for each in tape.gradient(scaled, values)], more

    if JAX:
        recorded = jax.jit(jax.grad(loss_of, has_aux=True))

    def given(x, y):
        some = model.trainable_variables, model.non_trainable_variables
        values, others = ([keras.ops.convert_to_tensor(variable.value) for variable in each] for each in some)
        gradients, (loss, changed) = recorded(values, others, float(numbers(model.optimizer.scale_loss(1.0))), x, y)
        return float(loss), gradients, changed

    return given


def step(model, x, y, skipped=False):
    """Makes a step: the loss and the gradients. One that is skipped has a gradient that is not finite."""
    loss, gradients, changed = gradients_of(model)(x, y)
    if skipped:
        gradients[0] = gradients[0] * float("inf")
    # On JAX, a loss scale is for compiled steps alone, unless nothing is compiled.
    with jax.disable_jit() if JAX else nullcontext():
        model.optimizer.apply(gradients, model.trainable_variables)
    for variable, value in zip(model.non_trainable_variables, changed):
        variable.assign(value)
    return loss, gradients


def recorded(model, batches):
    """Makes a step for each batch, and returns the gradients of each. A loss scale skips the second of them."""
    scaled = hasattr(model.optimizer, "dynamic_scale")
    steps = [step(model, *batch, skipped=scaled and i == 1)[1] for i, batch in enumerate(batches)]
    return [[numbers(each) for each in gradients] for gradients in steps]
