"""Makes this process fit to be the reference: Keras on its numpy backend, and NumPy without the processor's extras.

NumPy picks faster, less exact cos, log and pow where the processor has AVX2 or AVX-512. Which groups it can pick
differs by machine and is fixed when NumPy is loaded, so `ensure` restarts Python with all of them switched off.
"""

import os
import sys
import warnings

_FLAG = "RMSPROP_ORACLE_READY"


def ensure():
    """Restarts the script in the right environment; returns in the restarted one, with Keras' warnings silent."""
    if os.environ.get(_FLAG) != "1":
        before = os.environ.get("NPY_DISABLE_CPU_FEATURES", "").replace(",", " ").split()
        disabled = " ".join(dict.fromkeys(before + enabled_extras()))
        settings = {_FLAG: "1", "KERAS_BACKEND": "numpy", "JAX_PLATFORMS": "cpu", "NPY_DISABLE_CPU_FEATURES": disabled}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **settings})

    import numpy as np

    if extras := enabled_extras():
        sys.exit(f"NumPy still uses {', '.join(extras)}: its cos, log and pow are not the reference.")
    warnings.filterwarnings("ignore")
    np.seterr(all="ignore")
    import keras
    from keras.src.backend.common import dtypes

    # A keras.json in the home folder may say otherwise.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    # Keras on NumPy and JAX silently computes with float64 variables in float32; on TensorFlow it does not.
    # This is the table entry that it has there: without it there is no float64 to compare with.
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


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
