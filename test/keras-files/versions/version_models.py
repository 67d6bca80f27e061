"""Small models that Keras 2 and Keras 3 can both make, and the optimizers they are trained with.

A case says: "model", "optimizer" (or None), "input" of a random generator, and when the case exists ("when").
"""

from the_keras import NEW_OPTIMIZERS, SESSIONS, THREE, VERSION, keras

layers = keras.layers


def vectors(rng):
    return rng.normal(size=(6, 4)).astype("float32")


def images(rng):
    return rng.normal(size=(6, 5, 5, 1)).astype("float32")


def words(rng):
    return rng.integers(0, 5, (6, 3)).astype("int32")


def series(rng):
    return rng.normal(size=(6, 3, 4)).astype("float32")


def softmax(**options):
    return layers.Dense(2, activation="softmax", **options)


def dense():
    return keras.Sequential([layers.InputLayer((4,)), layers.Dense(3, activation="tanh"), softmax()])


def convolutional():
    inputs = layers.Input((5, 5, 1))
    x = layers.Conv2D(2, 3, activation="relu", name="stem")(inputs)
    x = layers.BatchNormalization()(x)
    return keras.Model(inputs, softmax(name="head")(layers.Flatten()(x)))


def embedded():
    inputs = layers.Input((3,), dtype="int32")
    return keras.Model(inputs, softmax()(layers.LSTM(2)(layers.Embedding(5, 2)(inputs))))


def bidirectional():
    inputs = layers.Input((3, 4))
    x = layers.Bidirectional(layers.GRU(2, return_sequences=True))(inputs)
    if not SESSIONS:
        x = layers.LayerNormalization()(x)
    x = layers.TimeDistributed(layers.Dense(2))(x)
    return keras.Model(inputs, softmax()(layers.SimpleRNN(2)(x)))


def nested():
    encoder = keras.Sequential(
        [layers.InputLayer((4,)), layers.Dense(3, activation="relu"), layers.BatchNormalization(), layers.Dense(3)],
        name="encoder",
    )
    frozen = layers.Dense(3, trainable=False, name="frozen")
    inputs = layers.Input((4,))
    x = frozen(encoder(inputs))
    x = layers.Concatenate()([x, layers.Dense(2, use_bias=False)(inputs)])
    return keras.Model(inputs, softmax()(x))


def twins():
    """Layers of one shape: state that is given to the wrong one fits."""
    hidden = [layers.Dense(4, activation="tanh") for _ in range(2)]
    return keras.Sequential([layers.InputLayer((4,)), *hidden, softmax()])


def stacked_cells():
    cells = [layers.LSTMCell(2), layers.GRUCell(2), layers.SimpleRNNCell(2)]
    inputs = layers.Input((3, 4))
    return keras.Model(inputs, softmax()(layers.RNN(cells)(inputs)))


def constrained():
    """Each kind of constraint on a kernel; "trained" at a rate at which all of them matter."""
    of = keras.constraints
    kinds = [of.NonNeg(), of.MaxNorm(0.5, axis=0), of.UnitNorm(axis=1), of.MinMaxNorm(0.4, 0.6, rate=0.5, axis=0)]
    hidden = [layers.Dense(4, activation="tanh", kernel_constraint=kind) for kind in kinds]
    return keras.Sequential([layers.InputLayer((4,)), *hidden, softmax(bias_constraint=of.NonNeg())])


def convolutional_constrained():
    inputs = layers.Input((5, 5, 1))
    x = layers.Conv2D(2, 3, kernel_constraint=keras.constraints.MaxNorm(0.4, axis=[0, 1, 2]))(inputs)
    return keras.Model(inputs, softmax()(layers.Flatten()(x)))


def long_config():
    """A model whose config, as JSON, is well over 4,096 bytes."""
    hidden = [layers.Dense(1, name="layer_with_quite_a_long_name_%d" % i) for i in range(9)]
    return keras.Sequential([layers.InputLayer((4,)), *hidden, softmax()])


def long_names():
    """Names so long that `layer_names` and a layer's `weight_names` are over the 64 KiB that an attribute can hold."""
    inputs = layers.Input((4,))
    x = inputs
    for letter in "abc":
        x = layers.Activation("tanh", name=letter * 20000)(x)
    x = layers.BatchNormalization(name="n" * 20000)(x)
    return keras.Model(inputs, softmax(name="head")(x))


def named_with_slashes():
    return keras.Sequential(
        [layers.InputLayer((4,)), layers.Dense(3, name="block/one"), softmax(name="block/one/head")], name="a/model"
    )


def shared_layer():
    """One layer that is called twice, and two inputs."""
    first, second = layers.Input((4,), name="first"), layers.Input((4,), name="second")
    tower = layers.Dense(2, name="tower")
    joined = layers.Concatenate()([tower(first), tower(second)])
    return keras.Model([first, second], softmax()(joined))


class Pair(layers.Layer):
    """Weights that are named as kinds of slots are, and have one shape."""

    def build(self, input_shape):
        for name in ("m", "v"):
            setattr(self, name, self.add_weight(name=name, shape=(4,), initializer="ones"))
        self.built = True

    def call(self, inputs):
        return inputs * self.m + self.v


def named_as_slots():
    return keras.Sequential([layers.InputLayer((4,)), Pair(name="pair"), softmax()])


def shared_inside():
    """A layer of two inner models."""
    tower = layers.Dense(4, activation="tanh", name="tower")
    inner = [keras.Sequential([layers.InputLayer((4,)), tower, layers.Dense(3)], name=name) for name in ("left", "right")]
    inputs = layers.Input((4,))
    return keras.Model(inputs, softmax()(layers.Concatenate()([each(inputs) for each in inner])))


def freeze_after_compile(model):
    model.layers[0].trainable = False


def thaw_after_compile(model):
    model.get_layer("frozen").trainable = True


def old(name):
    """The class of an optimizer as it was before 2.11."""
    return getattr(keras.optimizers.legacy if NEW_OPTIMIZERS else keras.optimizers, name)


def schedule():
    if SESSIONS:
        return 0.01
    return keras.optimizers.schedules.ExponentialDecay(0.01, 4, 0.9)


def rmsprop(*arguments, **options):
    if SESSIONS:  # that RMSprop has no more than these
        options = {key: value for key, value in options.items() if key in ("rho", "epsilon", "decay")}
    return lambda: keras.optimizers.RMSprop(*arguments, **options)


CASES = {
    "plain": {"model": dense, "optimizer": rmsprop(0.01), "input": vectors},
    "momentum": {
        "model": convolutional,
        "optimizer": rmsprop(0.01, rho=0.8, momentum=0.9, centered=True, epsilon=1e-4),
        "input": images,
    },
    "lstm": {
        "model": embedded,
        "optimizer": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        "input": words,
    },
    "bidirectional": {
        "model": bidirectional,
        "optimizer": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
        "input": series,
    },
    "nested": {"model": nested, "optimizer": lambda: rmsprop(schedule(), momentum=0.5)(), "input": vectors},
    "uncompiled": {"model": dense, "optimizer": None, "input": vectors},
    "untrained": {"model": dense, "optimizer": rmsprop(0.01), "input": vectors, "steps": 0},
    "metrics": {"model": twins, "optimizer": rmsprop(0.01), "input": vectors, "metrics": ["accuracy"]},
    "cells": {"model": stacked_cells, "optimizer": rmsprop(0.01, centered=True), "input": series},
    "constraints": {"model": constrained, "optimizer": rmsprop(0.3), "input": vectors},
    "conv-constraint": {"model": convolutional_constrained, "optimizer": rmsprop(0.3), "input": images},
    "long": {"model": long_config, "optimizer": rmsprop(0.01), "input": vectors},
    "long-names": {"model": long_names, "optimizer": None, "input": vectors},
    "shared": {
        "model": shared_layer,
        "optimizer": rmsprop(0.01, momentum=0.3),
        "input": lambda rng: [vectors(rng), vectors(rng)],
    },
    "frozen-later": {"model": dense, "optimizer": rmsprop(0.01), "input": vectors, "after": freeze_after_compile},
    "thawed-later": {"model": nested, "optimizer": rmsprop(0.01), "input": vectors, "after": thaw_after_compile, "step": False},
    "mixed": {"model": dense, "optimizer": rmsprop(0.01), "input": vectors, "policy": "mixed_float16", "when": not SESSIONS},
    "slashes": {"model": named_with_slashes, "optimizer": rmsprop(0.01), "input": vectors, "when": not THREE},
    "plain-sgd": {"model": dense, "optimizer": lambda: keras.optimizers.SGD(0.05), "input": vectors},
    "named-as-slots": {"model": named_as_slots, "optimizer": lambda: keras.optimizers.Adam(0.01), "input": vectors, "when": not SESSIONS},
    "shared-inside": {"model": shared_inside, "optimizer": rmsprop(0.01), "input": vectors, "when": not SESSIONS},
    "fixed-scale": {
        "model": dense,
        "optimizer": lambda: keras.mixed_precision.LossScaleOptimizer(
            keras.optimizers.RMSprop(0.01), dynamic=False, initial_scale=1024
        ),
        "input": vectors,
        "policy": "mixed_float16",
        "when": (2, 11) <= VERSION < (3, 0),
    },
    **{
        name.lower(): {"model": dense, "optimizer": lambda name=name: getattr(keras.optimizers, name)(0.01), "input": vectors}
        for name in ("Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl")
    },
    "mixed-nadam": {
        "model": dense,
        "optimizer": lambda: keras.optimizers.Nadam(0.01),
        "input": vectors,
        "policy": "mixed_float16",
        "when": VERSION >= (2, 11),
    },
    "decay": {
        "model": dense,
        "optimizer": lambda: old("RMSprop")(0.01, decay=0.1, **({} if SESSIONS else {"momentum": 0.5})),
        "input": vectors,
        "when": not THREE,
    },
    "legacy": {
        "model": twins,
        "optimizer": lambda: old("RMSprop")(0.01, momentum=0.9, centered=True),
        "input": vectors,
        "when": NEW_OPTIMIZERS and not THREE,
    },
    "ema": {
        "model": dense,
        "optimizer": rmsprop(0.01, weight_decay=0.01, use_ema=True, ema_momentum=0.7, ema_overwrite_frequency=4, clipnorm=0.5),
        "input": vectors,
        "when": VERSION >= (2, 11),
    },
    "adamw": {
        "model": dense,
        "optimizer": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
        "input": vectors,
        "when": VERSION >= (2, 11),
    },
}
