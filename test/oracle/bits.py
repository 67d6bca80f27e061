"""Arrays from integers, and arrays as text. case.ts does the same with the same integers, so inputs need no storage.

A number is made of random words by its regime: sign, exponent and mantissa are put together as bits, hence exactly.
"""

import base64
import hashlib

import numpy as np

# Regime -> the least exponent and how many there are, for float32 and for float64.
EXPONENTS = {
    "normal": ((-6, 8), (-6, 8)),
    "positive": ((-6, 8), (-6, 8)),
    "constant": ((-10, 40), (-10, 40)),
    "small": ((-30, 10), (-30, 10)),
    "tiny": ((-75, 20), (-540, 30)),
    "large": ((20, 20), (20, 20)),
    "huge": ((58, 20), (505, 14)),
    "wide": ((-60, 120), (-300, 600)),
}
# Regimes made of others: each element takes one of eight.
MIXTURES = {
    "mixed": ("normal", "normal", "small", "tiny", "subnormal", "zero", "large", "one"),
    "nonfinite": ("infinite", "nan", "normal", "normal", "normal", "normal", "zero", "normal"),
    "sparse": ("zero", "zero", "zero", "zero", "zero", "normal", "normal", "normal"),
}
SIMPLE = ("subnormal", "zero", "one", "infinite", "nan")
REGIMES = (*EXPONENTS, *SIMPLE, *MIXTURES)
# dtype -> its unsigned type, mantissa bits, exponent bias, the exponent of infinity.
FORMATS = {"float32": (np.uint32, 23, 127, 255), "float64": (np.uint64, 52, 1023, 2047)}
GOLDEN = 0x9E3779B9


def mix(words):
    """A 32-bit finalizer: every bit of the result depends on every bit of the word."""
    x = np.asarray(words, dtype=np.uint32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x21F0AAAD)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x735A2D97)
    return x ^ (x >> np.uint32(15))


def stream_of(seed, step, variable):
    """The seed of one array: step 0 is the initial value, step s the gradient of the s-th call."""
    return int(mix((int(mix(seed & 0xFFFFFFFF)) + step * 4096 + variable) & 0xFFFFFFFF))


def words_of(stream, count):
    counters = (np.arange(1, count + 1, dtype=np.uint64) * GOLDEN + stream) & np.uint64(0xFFFFFFFF)
    return mix(counters.astype(np.uint32))


def fill(shape, dtype, regime, stream):
    """The array of this regime and stream."""
    count = int(np.prod(shape, dtype=int))
    a, b, c = words_of(stream, 3 * max(count, 1)).reshape(-1, 3).T.astype(np.uint64)
    if regime == "constant":
        a, b, c = (np.full_like(word, word[0]) for word in (a, b, c))
    if regime in ("constant", "positive"):
        a = a & np.uint64(0xFFFFFFFE)
    bits = _bits_of(a, b, c, dtype, regime)[:count]
    return bits.astype(FORMATS[dtype][0]).view(dtype).reshape(shape)


def _bits_of(a, b, c, dtype, regime):
    if regime in MIXTURES:
        choice = (a >> np.uint64(8)) & np.uint64(7)
        parts = [_bits_of(a, b, c, dtype, name) for name in MIXTURES[regime]]
        return np.choose(choice.astype(int), parts)
    _, mantissa_bits, bias, special = FORMATS[dtype]
    mantissa = b & np.uint64(0x7FFFFF) if dtype == "float32" else ((b & np.uint64(0xFFFFF)) << np.uint64(32)) | c
    exponent = np.zeros_like(a)
    if regime in EXPONENTS:
        least, count = EXPONENTS[regime][dtype == "float64"]
        exponent = (a >> np.uint64(16)) % np.uint64(count) + np.uint64(bias + least)
    elif regime == "subnormal":
        mantissa = mantissa >> ((a >> np.uint64(16)) % np.uint64(20))
    elif regime == "one":
        exponent, mantissa = exponent + np.uint64(bias), np.zeros_like(a)
    elif regime == "nan":
        exponent, mantissa = exponent + np.uint64(special), np.full_like(a, 1 << (mantissa_bits - 1))
        a = np.zeros_like(a)
    else:  # zero and infinite, of either sign
        exponent, mantissa = exponent + np.uint64(special if regime == "infinite" else 0), np.zeros_like(a)
    sign = (a & np.uint64(1)) << np.uint64(31 if dtype == "float32" else 63)
    return sign | (exponent << np.uint64(mantissa_bits)) | mantissa


def canonical(array, skipped=()):
    """Little-endian bytes of an array; every NaN has the same bits, skipped elements are 0; integers become float64."""
    array = np.asarray(array)
    dtype = array.dtype.name if array.dtype.name in FORMATS else "float64"
    flat = array.astype(dtype).reshape(-1)
    unsigned, mantissa_bits, _, special = FORMATS[dtype]
    quiet = unsigned((special << mantissa_bits) | (1 << (mantissa_bits - 1)))
    bits = np.where(np.isnan(flat), quiet, flat.view(unsigned))
    if len(skipped):
        bits[list(skipped)] = 0
    return bits.astype(unsigned().dtype.newbyteorder("<")).tobytes()


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def encode(array, skipped=(), full=16):
    """An array as text: base64 up to `full` elements; above, `#` + hash + base64 of the first four."""
    data = canonical(array, skipped)
    size = np.asarray(array).size
    if size <= full:
        return base64.b64encode(data).decode()
    return "#" + digest(data) + base64.b64encode(data[: 4 * len(data) // size]).decode()
