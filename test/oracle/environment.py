"""Makes this process fit to be the reference: Keras on its numpy backend, and NumPy without the processor's extras.
In float64 TensorFlow is the reference, which this follows; `live_cases.py --tensorflow` shows that it does.

NumPy picks faster, less exact cos, log and pow where the processor has AVX2 or AVX-512. Which groups it can pick
differs by machine and is fixed when NumPy is loaded, so `ensure` restarts Python with all of them switched off.
"""

import os
import sys
import warnings

_FLAG = "RMSPROP_ORACLE_READY"


def ensure(backend="numpy"):
    """Restarts the script in the right environment; returns in the restarted one, with Keras' warnings silent."""
    if os.environ.get(_FLAG) != "1":
        before = os.environ.get("NPY_DISABLE_CPU_FEATURES", "").replace(",", " ").split()
        disabled = " ".join(dict.fromkeys(before + enabled_extras()))
        settings = {_FLAG: "1", "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", "NPY_DISABLE_CPU_FEATURES": disabled}
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **settings, **quiet})

    import numpy as np

    if extras := enabled_extras():
        sys.exit(f"NumPy still uses {', '.join(extras)}: its cos, log and pow are not the reference.")
    warnings.filterwarnings("ignore")
    np.seterr(all="ignore")
    import keras

    # A keras.json in the home folder may say otherwise.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    if backend == "numpy":
        _compute_float64_as_tensorflow_does()


def _compute_float64_as_tensorflow_does():
    """Keras on NumPy and JAX computes with float64 variables in float32; without this there is nothing to compare with."""
    import numpy as np
    from keras.src.backend.common import dtypes
    from keras.src.backend.numpy import core

    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    own = core.cast

    def cast(x, dtype):
        # `tf.cast` makes a float32 tensor of a Python float first. np.float64 is a float, too, but one that it keeps.
        return own(np.float32(x) if type(x) is float else x, dtype)

    core.cast = cast


def enabled_extras():
    """The groups of instructions that NumPy chooses at run time, as far as they are on."""
    from numpy._core import _multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]


def header():
    """What the expected bits depend on: written at the top of every fixture file."""
    import keras
    import numpy as np
    from numpy._core import _multiarray_umath as core

    return {
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
        "cpu_baseline": list(core.__cpu_baseline__),
        "cpu_dispatch_enabled": enabled_extras(),
        "float64": "computed in float64, as on TensorFlow",
    }
