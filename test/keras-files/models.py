"""Small models of Keras and the optimizers they are trained with: what the files of this folder are made of.

Each case is a function that gives a compiled model, and how its batches look.
"""

import keras
import numpy as np
from keras import layers


def batch(name, step):
    """The same numbers for the same name and step, whatever the process."""
    rng = np.random.default_rng([step, *name.encode()])
    x = CASES[name]["input"](rng)
    y = np.eye(2, dtype="float32")[rng.integers(0, 2, len(x))]
    return x, y


def compiled(name):
    """The model of a case, compiled, not trained."""
    keras.utils.set_random_seed(7)
    keras.backend.clear_session()
    case = CASES[name]
    keras.config.set_dtype_policy("mixed_float16" if case.get("mixed") else "float32")
    try:
        model = case["model"]()
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(optimizer=case["optimizer"](), loss="categorical_crossentropy")
    return model


def trained(name):
    model = compiled(name)
    train(model, name, 0, CASES[name]["steps"])
    return model


def train(model, name, first, steps):
    """The losses of these steps."""
    return [float(model.train_on_batch(*batch(name, step))) for step in range(first, first + steps)]


def dense():
    return keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2, activation="softmax")])


def convolutional():
    inputs = layers.Input((5, 5, 1))
    x = layers.Conv2D(2, 3, activation="relu", name="stem")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax", name="head")(x))


def recurrent():
    return keras.Sequential(
        [layers.Input((3,)), layers.Embedding(5, 2), layers.LSTM(2), layers.Dense(2, activation="softmax")]
    )


def nested():
    encoder = keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, activation="relu"), layers.BatchNormalization(), layers.Dense(3)],
        name="encoder",
    )
    frozen = layers.Dense(3, trainable=False, name="frozen")
    inputs = layers.Input((4,))
    x = frozen(encoder(inputs))
    x = layers.Concatenate()([x, layers.Dense(2, use_bias=False)(inputs)])
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))


def attentive():
    inputs = layers.Input((3, 4))
    x = layers.Normalization(mean=0.5, variance=2.0)(inputs)
    x = layers.MultiHeadAttention(2, 2)(x, x)
    x = layers.LayerNormalization()(layers.Dropout(0.0)(x))
    x = layers.Bidirectional(layers.GRU(2))(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))


def twins():
    """Layers of one shape: state that is given to the wrong one fits."""
    return keras.Sequential(
        [layers.Input((4,)), *[layers.Dense(4, activation="tanh") for _ in range(2)], layers.Dense(2, activation="softmax")]
    )


def everything():
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 10, alpha=0.1, warmup_target=0.02, warmup_steps=3)
    return keras.optimizers.RMSprop(
        schedule, rho=0.8, momentum=0.9, epsilon=1e-4, centered=True, weight_decay=0.01, clipnorm=0.5, use_ema=True,
        ema_momentum=0.7, ema_overwrite_frequency=4,
    )


def vectors(rng):
    return rng.normal(size=(6, 4)).astype("float32")


CASES = {
    "plain": {
        "model": dense,
        "optimizer": lambda: keras.optimizers.RMSprop(0.01),
        "input": vectors,
        "steps": 3,
    },
    "everything": {
        "model": convolutional,
        "optimizer": everything,
        "input": lambda rng: rng.normal(size=(6, 5, 5, 1)).astype("float32"),
        "steps": 6,
    },
    "mixed": {
        "model": dense,
        "optimizer": lambda: keras.optimizers.LossScaleOptimizer(
            keras.optimizers.RMSprop(0.01, momentum=0.5), initial_scale=1024.0, dynamic_growth_steps=4
        ),
        "input": vectors,
        "steps": 6,
        "mixed": True,
    },
    "accumulating": {
        "model": recurrent,
        "optimizer": lambda: keras.optimizers.RMSprop(0.01, gradient_accumulation_steps=4, momentum=0.3),
        "input": lambda rng: rng.integers(0, 5, (6, 3)).astype("int32"),
        "steps": 6,
    },
    "nested": {
        "model": nested,
        "optimizer": lambda: keras.optimizers.RMSprop(
            keras.optimizers.schedules.ExponentialDecay(0.01, 4, 0.9), weight_decay=0.004, global_clipnorm=1.0
        ),
        "input": vectors,
        "steps": 4,
    },
    "attentive": {
        "model": attentive,
        "optimizer": lambda: keras.optimizers.RMSprop(0.01, centered=True),
        "input": lambda rng: rng.normal(size=(4, 3, 4)).astype("float32"),
        "steps": 3,
    },
    "untrained": {
        "model": dense,
        "optimizer": lambda: "rmsprop",
        "input": vectors,
        "steps": 0,
    },
    "sgd": {
        "model": twins,
        "optimizer": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, clipvalue=0.5),
        "input": vectors,
        "steps": 3,
    },
    "adam": {
        "model": twins,
        "optimizer": lambda: keras.optimizers.Adam(0.01, amsgrad=True, use_ema=True, ema_momentum=0.8),
        "input": vectors,
        "steps": 4,
    },
    "adamw": {
        "model": twins,
        "optimizer": lambda: keras.optimizers.AdamW(
            keras.optimizers.schedules.ExponentialDecay(0.01, 4, 0.9), gradient_accumulation_steps=2
        ),
        "input": vectors,
        "steps": 5,
    },
    "lion": {
        "model": twins,
        "optimizer": lambda: keras.optimizers.Lion(0.003, weight_decay=0.1, global_clipnorm=1.0),
        "input": vectors,
        "steps": 3,
    },
    # An optimizer that is not here: its weights can be had all the same.
    "adafactor": {
        "model": dense,
        "optimizer": lambda: keras.optimizers.Adafactor(0.01),
        "input": vectors,
        "steps": 2,
    },
}
