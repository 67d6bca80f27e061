"""The Keras of this environment, whichever it is, and the few things whose names differ between its versions."""

import os
import random

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np


def version_of(module):
    return tuple(int(part) for part in module.__version__.split(".")[:2])


def found():
    if os.environ.get("TF_USE_LEGACY_KERAS") == "1":
        import tf_keras

        return tf_keras
    try:
        import keras
    except ImportError:  # TensorFlow before 2.6 holds its Keras itself
        keras = None
    # From 2.4 to 2.12 the whole of it is in TensorFlow's.
    if keras is not None and not (2, 4) <= version_of(keras) < (2, 13):
        return keras
    import tensorflow

    return tensorflow.keras


keras = found()
VERSION = version_of(keras)
SESSIONS = VERSION < (2, 4)  # Keras beside TensorFlow 1: graphs that are run, no optimizer.apply_gradients()
THREE = VERSION >= (3, 0)
SAVING_LIB = VERSION >= (2, 12)  # the layout of `.keras` and `.weights.h5` files of today
NEW_OPTIMIZERS = VERSION >= (2, 11)
LABEL = ("tf_keras" if keras.__name__.startswith("tf_keras") else "keras") + keras.__version__
if THREE and keras.backend.backend() == "tensorflow":
    LABEL += "-tensorflow"


def backend():
    return keras.backend.backend() if THREE else "tensorflow"


def seeded(seed):
    """A new session whose names and random numbers begin anew."""
    keras.backend.clear_session()
    if hasattr(keras.utils, "set_random_seed"):
        keras.utils.set_random_seed(seed)
        return
    import tensorflow

    random.seed(seed)
    np.random.seed(seed)
    (tensorflow.compat.v1.set_random_seed if SESSIONS else tensorflow.random.set_seed)(seed)


def set_policy(name):
    """The dtype policy of the layers made from here on."""
    if THREE:
        keras.config.set_dtype_policy(name)
    elif VERSION >= (2, 4) and hasattr(keras.mixed_precision, "set_global_policy"):
        keras.mixed_precision.set_global_policy(name)
    elif not SESSIONS:
        keras.mixed_precision.experimental.set_policy(name)


def numbers(variable):
    """The value of a variable as an array of numpy."""
    if THREE:
        return np.asarray(keras.ops.convert_to_numpy(variable))
    return np.asarray(keras.backend.get_value(variable) if SESSIONS else variable.numpy())


def name_of(variable):
    return variable.path if THREE else variable.name


def optimizer_variables(optimizer):
    """All variables of an optimizer in its own order, the count of steps among them."""
    if THREE:
        return list(optimizer.variables)
    if hasattr(optimizer, "weights"):  # what an optimizer before 2.11 saves
        return list(optimizer.weights)
    variables = optimizer.variables
    return list(variables() if callable(variables) else variables)


def learning_rate(optimizer):
    """The learning rate that is held as a number, or None under a schedule."""
    if SESSIONS:
        return float(numbers(optimizer.lr))
    schedules = keras.optimizers.schedules
    rate = getattr(optimizer, "_learning_rate", None)
    if rate is None:
        rate = optimizer.learning_rate
    if isinstance(rate, schedules.LearningRateSchedule) or isinstance(optimizer.get_config().get("learning_rate"), dict):
        return None
    rate = optimizer.learning_rate
    return float(keras.ops.convert_to_numpy(rate) if THREE else np.asarray(rate))
