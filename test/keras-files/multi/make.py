"""Writes model.keras and model.json beside it: a model under a MultiOptimizer, and what Keras has after one more step with gradients
of 0.5. `KERAS_BACKEND=jax python make.py`, with the packages of ../requirements.txt."""

import json
from pathlib import Path

import keras
import numpy as np
from keras import layers, models, optimizers

FOLDER = Path(__file__).parent


def main():
    keras.utils.set_random_seed(1)
    hidden = layers.Dense(4, name="first", activation="tanh")
    model = models.Sequential([layers.Input((3,)), hidden, layers.Dense(2, name="second")], name="model")
    parts = {".*first/.*": optimizers.Adam(0.01), ".*third/.*": optimizers.SGD(0.5)}
    optimizer_map = optimizers.OptimizerMap(optimizers.SGD(0.1, momentum=0.9), parts)
    model.compile(loss="mse", optimizer=optimizers.MultiOptimizer(optimizer_map))
    draw = np.random.RandomState(0)
    x, y = draw.randn(8, 3).astype("float32"), draw.randn(8, 2).astype("float32")
    model.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    model.save(FOLDER / "model.keras")
    trained, own = model.trainable_variables, model.optimizer.variables
    gradients = [np.full(v.shape, 0.5, "float32") for v in trained]
    after = model.optimizer.stateless_apply([v.value for v in own], gradients, [v.value for v in trained])
    lists = [[np.asarray(value, "float64").ravel().tolist() for value in values] for values in after]
    (FOLDER / "model.json").write_text(json.dumps(lists) + "\n")


if __name__ == "__main__":
    main()
