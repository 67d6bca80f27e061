"""Prints layer-constraints.json: what real Keras makes of layers whose constraints its optimizers apply.

    python -B test/tfjs/layer_constraints.py > test/tfjs/layer-constraints.json

Layers, weights and gradients are those of layer-constraints.test.ts, which makes them of the same integers.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))

from environment import ensure  # noqa: E402

ensure()

import json  # noqa: E402

import numpy as np  # noqa: E402
from bits import digest, fill, stream_of  # noqa: E402
from keras import Sequential, layers, optimizers  # noqa: E402
from keras.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm  # noqa: E402

SEED = 21
STEPS = 6
OPTIMIZERS = {
    "plain": lambda: optimizers.RMSprop(learning_rate=0.1),
    "momentum, decay, averages": lambda: optimizers.RMSprop(learning_rate=0.1, momentum=0.9, weight_decay=0.01, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
    "accumulation": lambda: optimizers.RMSprop(learning_rate=0.1, gradient_accumulation_steps=2),
    "Adam": lambda: optimizers.Adam(learning_rate=0.1, clipnorm=0.5),
}
LAYERS = {
    "dense": ((4,), lambda: layers.Dense(3, kernel_constraint=MaxNorm(0.5), bias_constraint=NonNeg())),
    "embedding": ((2,), lambda: layers.Embedding(5, 3, embeddings_constraint=UnitNorm(axis=1))),
    "lstm": (
        (4, 2),
        lambda: layers.LSTM(3, kernel_constraint=MinMaxNorm(0.2, 0.8, 0.5), recurrent_constraint=UnitNorm(), bias_constraint=MaxNorm(0.3)),
    ),
    "conv2d": ((5, 5, 2), lambda: layers.Conv2D(4, 3, kernel_constraint=MaxNorm(1.5, axis=[0, 1, 2]), bias_constraint=NonNeg())),
    "depthwise conv2d": ((5, 5, 2), lambda: layers.DepthwiseConv2D(3, depthwise_constraint=MaxNorm(axis=[0, 1]))),
    "separable conv2d": (
        (5, 5, 2),
        lambda: layers.SeparableConv2D(4, 3, depthwise_constraint=UnitNorm([0, 1]), pointwise_constraint=MinMaxNorm(0.1, 0.4, axis=-1)),
    ),
    "batch normalization": ((4,), lambda: layers.BatchNormalization(gamma_constraint=NonNeg(), beta_constraint=MaxNorm(0.5))),
    "prelu": ((4,), lambda: layers.PReLU(alpha_constraint=NonNeg())),
    "time-distributed dense": ((3, 2), lambda: layers.TimeDistributed(layers.Dense(3, kernel_constraint=NonNeg()))),
    "bidirectional rnn": ((4, 2), lambda: layers.Bidirectional(layers.SimpleRNN(3, kernel_constraint=UnitNorm(), recurrent_constraint=NonNeg()))),
    "nested dense": ((4,), lambda: Sequential([layers.Input((4,)), layers.Dense(3, kernel_constraint=MinMaxNorm(0.3, 0.6, axis=1))])),
}


def main():
    results = {name: run(create()) for name, create in OPTIMIZERS.items()}
    print(json.dumps(results, indent=2))


def run(optimizer):
    models = {name: Sequential([layers.Input(shape), create()]) for name, (shape, create) in LAYERS.items()}
    variables = [variable for model in models.values() for variable in model.trainable_variables]
    for i, variable in enumerate(variables):
        variable.assign(numbers(variable, 0, i))
    for step in range(1, STEPS + 1):
        optimizer.apply([numbers(variable, step, i) for i, variable in enumerate(variables)], variables)
    return {name: digest(b"".join(np.asarray(variable).tobytes() for variable in model.trainable_variables)) for name, model in models.items()}


def numbers(variable, step, index):
    return fill(variable.shape, "float32", "normal", stream_of(SEED, step, index))


main()
