"""What Keras holds of a model, and what three more steps on made-up gradients leave of its weights."""

import re

import numpy as np

from the_keras import SESSIONS, THREE, backend, keras, learning_rate, name_of, numbers, optimizer_variables


def hex_of(value):
    return np.ascontiguousarray(value).tobytes().hex()


def described(variable):
    value = numbers(variable)
    return {"path": name_of(variable), "shape": list(value.shape), "dtype": value.dtype.name, "hex": hex_of(value)}


def weights_of(model):
    trainable = {id(variable) for variable in model.trainable_weights}
    return [dict(described(variable), trainable=id(variable) in trainable) for variable in model.weights]


def others_of(model):
    """The variables that are no weights: the states of random generators and metrics."""
    weights = {id(variable) for variable in model.weights}
    return [described(variable) for variable in model.variables if id(variable) not in weights] if THREE else []


def other_optimizers(model):
    """The optimizers that a model has beside the one that it is compiled with, by the names of its attributes."""
    names = [name for name, value in vars(model).items() if isinstance(value, keras.optimizers.Optimizer)]
    return {name: optimizer_of(getattr(model, name)) for name in names if getattr(model, name) is not model.optimizer}


def optimizer_of(optimizer):
    if optimizer is None:
        return None
    return {
        "class_name": type(optimizer).__name__,
        "iterations": int(numbers(optimizer.iterations)),
        "learning_rate": learning_rate(optimizer),
        "variables": [described(variable) for variable in optimizer_variables(optimizer)],
    }


def class_names(model):
    return [type(layer).__name__ for layer in getattr(model, "layers", [])]


def gradient(rng, variable, scale):
    """Made-up numbers; of a long variable, as float8's histories are, zeros after the first few, which take no room."""
    value = numbers(variable)
    made = rng.normal(size=value.size) * 0.1 * scale
    made[100:] = 0
    return made.reshape(value.shape).astype("float32").astype(value.dtype)


def applier(model):
    """What applies an optimizer's gradients to the trainable weights of a model."""
    if not SESSIONS:
        return lambda gradients, variables: model.optimizer.apply_gradients(list(zip(map(tensor, gradients), variables)))
    optimizer = model.optimizer
    state = optimizer.get_weights()
    variables = list(model.trainable_weights)
    given = [keras.backend.placeholder(shape=numbers(variable).shape) for variable in variables]
    optimizer.get_gradients = lambda loss, params: given
    updates = optimizer.get_updates(loss=None, params=variables)
    if len(state) != len(optimizer.get_weights()):  # of other weights, or none yet
        return None
    optimizer.set_weights(state)  # get_updates() made new state
    function = keras.backend.function(given, [keras.backend.constant(0.0)], updates=updates)
    return lambda gradients, variables: function(gradients)


def stepped(model, batches):
    """The gradients that are applied in three steps, and the losses and weights that follow; None where that cannot be."""
    rng = np.random.default_rng(20)
    optimizer = model.optimizer
    losses, steps = [], []
    scaled = THREE and hasattr(optimizer, "dynamic_scale")
    if scaled and backend() == "jax":  # it applies gradients in a compiled step alone
        return None
    apply = applier(model)
    if apply is None:
        return None
    for x, y in batches:
        variables = list(model.trainable_weights)
        scale = float(numbers(optimizer.dynamic_scale)) if scaled else 1.0
        gradients = [gradient(rng, variable, scale) for variable in variables]
        steps.append([hex_of(value) for value in gradients])
        apply(gradients, variables)
        losses.append(loss(model, x, y))
    weights = [hex_of(numbers(variable)) for variable in model.weights]
    return {"gradients": steps, "then": {"losses": losses, "weights": weights}}


def tensor(value):
    if THREE:
        return keras.ops.convert_to_tensor(value)
    import tensorflow

    return tensorflow.constant(value)


def loss(model, x, y):
    """The mean cross-entropy of a batch, or None where the output is no such thing."""
    try:
        out = keras.backend.constant(model.predict_on_batch(x)) if SESSIONS else model(x, training=False)
        out = np.asarray(keras.ops.convert_to_numpy(out) if THREE else numbers(out)).astype("float64")
        return float(-np.mean(np.sum(y * np.log(out + 1e-7), axis=-1)))
    except Exception:  # a model that is no classifier
        return None


def contents(variables):
    return [(each["shape"], each["dtype"], each["hex"]) for each in variables]


def loaded_otherwise(path, weights, optimizer):
    """What load_model() makes of a file, as far as that is not what was saved; how it fails where it does."""
    try:
        model = keras.models.load_model(str(path))
    except Exception as error:
        text = re.sub(" object at 0x[0-9a-f]+", "", str(error).split("\n")[0])
        return {"error": "{}: {}".format(type(error).__name__, text[:200])}
    held = weights_of(model)
    found = {} if contents(held) == contents(weights) else {"weights": held}
    own = optimizer_of(getattr(model, "optimizer", None))
    if (own is None) != (optimizer is None) or (own and contents(own["variables"]) != contents(optimizer["variables"])):
        found["optimizer"] = own
    return found
