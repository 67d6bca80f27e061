"""What is not a case of an optimizer: schedules and constraints by themselves; and loss scales at their ends."""

import keras
import numpy as np
from bits import encode, fill, stream_of
from draw import SCHEDULES as DRAWN
from draw import Draw, constraint, serialized_schedule
from families import case_of, variable
from keras import optimizers
from rounding import correctly_rounded
from run_keras import constraint_of, run

# Parameters that people use, beside those that are drawn.
USUAL = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100000, "decay_rate": 0.96}),
    ("ExponentialDecay", {"initial_learning_rate": 0.01, "decay_steps": 1000, "decay_rate": 0.9, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 1.0, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 30, "decay_rate": 2.0, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [100000, 110000], "values": [1.0, 0.5, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [2.5, 7.9, 1000], "values": [1.0, 0.5, 0.1, 0.0]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10000, "end_learning_rate": 0.01, "power": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 777, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 1000}),
    ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 1000, "warmup_target": 0.1, "warmup_steps": 1000}),
    ("CosineDecay", {"initial_learning_rate": 1e-3, "decay_steps": 10000, "alpha": 0.1}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 1000}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 100, "t_mul": 1.0, "m_mul": 0.9, "alpha": 0.01}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 37, "t_mul": 1.7, "m_mul": 0.5}),
]
BIG_STEPS = [10**6, 2**24 - 1, 2**24, 2**24 + 1, 123456789, 2**31 - 1]


def schedule_cases():
    """Every schedule at many steps: what Keras gives, and what it gives when NumPy's functions are correctly rounded."""
    draw = Draw("schedules")
    drawn = [(name, DRAWN[name](draw)) for name in DRAWN for _ in range(12)]
    for name, config in USUAL + drawn:
        config = {key: value for key, value in config.items() if value is not None}
        yield {"schedule": serialized_schedule(name, config), **values_of(name, config, steps_of(config, draw))}


def steps_of(config, draw):
    near = [config.get(key, 0) for key in ("decay_steps", "first_decay_steps", "warmup_steps")] + config.get("boundaries", [])
    turns = [int(n * times) + shift for n in near for times in (1, 2, 3, 7) for shift in (-1, 0, 1)]
    between = [draw.whole(0, 10 ** draw.whole(1, 5)) for _ in range(40)]
    return sorted({step for step in [*range(21), *turns, *between, *BIG_STEPS] if 0 <= step < 2**31})


def values_of(name, config, steps):
    schedule = getattr(optimizers.schedules, name)(**config)
    counters = [keras.Variable(step, dtype="int32") for step in steps]
    own = np.array([schedule(counter) for counter in counters], dtype="float32")
    with correctly_rounded():
        exact = np.array([schedule(counter) for counter in counters], dtype="float32")
    kept = np.isfinite(own) & np.isfinite(exact)
    result = {"steps": [step for step, keep in zip(steps, kept) if keep], "keras": encode(own[kept], full=10**6)}
    if (own[kept] != exact[kept]).any():
        result["rounded"] = encode(exact[kept], full=10**6)
    return result


CONSTRAINED = [[], [0], [1], [5], [8], [9], [130], [1003], [3, 5], [5, 3], [1, 7], [7, 1], [129, 4], [4, 129], [40, 9], [2, 0]]
CONSTRAINED += [[2, 3, 4], [3, 1, 5], [16, 9, 3], [2, 2, 130], [3, 3, 4, 5], [1, 1, 8, 2], [2, 3, 130, 2], [5, 5, 1, 6]]


def constraint_cases():
    draw = Draw("constraint cases")
    for i in range(216):
        shape = CONSTRAINED[i % len(CONSTRAINED)]
        dtype, regime = ["float32", "float64"][draw.chance(0.25)], draw.pick(["normal", "mixed", "wide", "small", "zero", "nonfinite"])
        spec = constraint(draw, shape)
        value = fill(shape, dtype, regime, stream_of(i, 0, 0))
        result = constraint_of(spec)(keras.Variable(value, dtype=dtype))
        assert result.dtype == value.dtype and result.shape == value.shape
        yield {"id": f"{i}", "constraint": spec, "shape": shape, "dtype": dtype, "regime": regime, "seed": i, "result": encode(result)}


SCALE_CONFIGS = [{}, {"momentum": 0.9, "use_ema": True}, {"gradient_accumulation_steps": 2}, {"global_clipnorm": 1.0}]
# The two below the greatest number, around the least normal one, and the least of all.
ENDS = [2.0**126, 1.5 * 2.0**127, 2.0**-125, 1.5 * 2.0**-126, 3 * 2.0**-149, 2.0**-149]


def scale_cases():
    """Loss scales that double to infinity or are halved to 0, and what steps do from there on."""
    draw = Draw("scales")
    for i, initial in enumerate(ENDS * 4):
        scale = {"initial_scale": initial, "dynamic_growth_steps": [1, 2, 3][i // 6 % 3], "name": "scaled"}
        arrays = [variable(0, [5], "huge"), variable(1, [[129], []][i % 2], ["large", "normal"][i // 2 % 2])]
        steps = [{} for _ in range(8)]
        for step in steps:
            if draw.chance(0.2 if initial > 1 else 0.5):
                step["regimes"] = {str(draw.whole(0, 1)): draw.pick(["infinite", "nan"])}
        case = case_of(SCALE_CONFIGS[i % 4], arrays, steps, scale=scale, mode=["apply", "stateless"][i % 5 == 4])
        yield run({"id": f"scales/{i}", "seed": 7000 + i, **case})
