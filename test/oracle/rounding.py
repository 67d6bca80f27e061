"""cos, log and pow correctly rounded, put in the place of NumPy's, which are off by one ulp now and then.

With them a schedule of real Keras gives what its formula says, and so does Adam's bias correction; nothing else of Keras is
touched. In float64, where only those are asked for, powers are. Of arrays, which Ftrl asks for, they are roots.
"""

import contextlib
import math
from fractions import Fraction

import numpy as np
from keras.src import backend

# glibc's double functions are good to less than one ulp: widen by four to be sure.
_SLACK = 2.0**-50


@contextlib.contextmanager
def correctly_rounded():
    """While this is active, `keras.ops.cos`, `log` and `power` of scalars are correctly rounded: in float64, whole powers."""
    own = {name: getattr(backend.numpy, name) for name in ("cos", "log", "power")}
    exact = {"cos": math.cos, "log": math.log, "power": math.pow}
    for name in own:
        setattr(backend.numpy, name, _rounded(exact[name], own[name]))
    try:
        yield
    finally:
        for name, function in own.items():
            setattr(backend.numpy, name, function)


def _rounded(in_double, own):
    def function(*values):
        values = [backend.convert_to_tensor(value) for value in values]
        if in_double is math.pow and values[0].ndim > 0 and values[1].ndim == 0:
            return _root_or_one(*values)
        if in_double is math.pow and all(value.dtype == np.float64 and value.ndim == 0 for value in values):
            return _whole_power(*values)
        if any(value.dtype != np.float32 or value.ndim > 0 for value in values):
            return own(*values)
        try:
            near = in_double(*map(float, values))
        except (ValueError, OverflowError, ZeroDivisionError):
            return own(*values)  # NaN and infinities: NumPy's are exact
        low, high = np.float32(near * (1 - _SLACK)), np.float32(near * (1 + _SLACK))
        return np.float32(low if low == high else _nearest(in_double, values, low, high))

    return function


def _whole_power(base, exponent):
    """Exact, then rounded once: Python's division of whole numbers is correctly rounded."""
    if not math.isfinite(base) or exponent % 1:
        raise ArithmeticError(f"pow({base}, {exponent}) of float64 is not a whole power")
    return np.float64(Fraction(float(base)) ** int(exponent))


def _root_or_one(base, exponent):
    """The powers that Ftrl takes of arrays, which begin above zero."""
    if exponent not in (0.5, 0.0):
        raise ArithmeticError(f"a power {exponent} of an array")
    return np.sqrt(base) if exponent else np.ones_like(base)


def _nearest(in_double, values, low, high):
    """Close to half-way between two float32: decided with exact fractions, which only whole powers need."""
    if in_double is not math.pow or float(values[1]) % 1 or abs(float(values[1])) > 64:
        raise ArithmeticError(f"{in_double.__name__}{tuple(map(float, values))} is too close to call")
    exact = Fraction(float(values[0])) ** int(values[1])
    below, above = abs(exact - Fraction(float(low))), abs(exact - Fraction(float(high)))
    if below == above:
        return min(low, high, key=lambda value: int(value.view(np.uint32)) & 1)
    return low if below < above else high
