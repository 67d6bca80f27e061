"""Trains a small model in real Keras with each callback that changes a training, and prints its histories and weights as JSON.

KERAS_BACKEND=jax python test/tfjs/keras_callbacks.py > test/tfjs/keras-callbacks.json
"""

import json

import keras
import numpy as np

ROWS, VALIDATION_ROWS = 8, 5


def numbers(count, shift):
    return np.sin(np.arange(count) * 1.7 + shift)


def rows(count, shift):
    x = numbers(count * 3, shift).reshape(count, 3).astype("float32")
    y = np.cos(x.sum(axis=1, keepdims=True) * 2).astype("float32")
    return x, y


def trained(optimizer, callbacks, epochs):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    weights = [numbers(w.size, i).reshape(w.shape).astype("float32") / 2 for i, w in enumerate(model.get_weights())]
    model.set_weights(weights)
    model.compile(optimizer, "mse", metrics=["mae"])
    (x, y), validation = rows(ROWS, 0), rows(VALIDATION_ROWS, 9)
    history = model.fit(
        x, y, batch_size=4, epochs=epochs, shuffle=False, verbose=0, validation_data=validation, callbacks=callbacks
    )
    model.reset_metrics()
    return {
        "epoch": history.epoch,
        "history": {name: [float(v) for v in values] for name, values in history.history.items()},
        "weights": [weight.ravel().tolist() for weight in model.get_weights()],
        "evaluated": [float(v) for v in model.evaluate(*validation, verbose=0)],
        "learning_rate": float(keras.ops.convert_to_numpy(optimizer.learning_rate)),
    }


C, O = keras.callbacks, keras.optimizers
CASES = {
    "LearningRateScheduler": lambda: (
        O.RMSprop(0.02),
        [C.LearningRateScheduler(lambda epoch, rate: rate if epoch < 2 else rate * 0.5)],
        5,
    ),
    "ReduceLROnPlateau": lambda: (
        O.RMSprop(0.05),
        [C.ReduceLROnPlateau(factor=0.3, patience=2, min_delta=0.03, cooldown=1, min_lr=0.004)],
        16,
    ),
    "ReduceLROnPlateau, LossScaleOptimizer": lambda: (
        O.LossScaleOptimizer(O.RMSprop(0.05), initial_scale=64.0),
        [C.ReduceLROnPlateau(monitor="mae", factor=0.5, patience=1, min_delta=0.05)],
        8,
    ),
    "EarlyStopping": lambda: (
        O.RMSprop(0.3),
        [C.EarlyStopping(patience=3, restore_best_weights=True, start_from_epoch=1)],
        20,
    ),
    "EarlyStopping, baseline": lambda: (
        O.RMSprop(0.02),
        [C.EarlyStopping(monitor="val_mae", patience=4, baseline=0.1, restore_best_weights=True)],
        20,
    ),
    "SwapEMAWeights": lambda: (O.SGD(0.1, use_ema=True, ema_momentum=0.8), [C.SwapEMAWeights()], 4),
    "SwapEMAWeights, on epoch": lambda: (
        O.SGD(0.1, use_ema=True, ema_momentum=0.8),
        [C.SwapEMAWeights(swap_on_epoch=True)],
        4,
    ),
    "SwapEMAWeights, LossScaleOptimizer": lambda: (
        O.LossScaleOptimizer(O.SGD(0.1, use_ema=True, ema_momentum=0.8), initial_scale=64.0),
        [C.SwapEMAWeights()],
        4,
    ),
}

print(json.dumps({name: trained(*case()) for name, case in CASES.items()}, indent=1))
