"""Draws cases: the same seed and index give the same case, whatever was drawn before. families.py has the planned ones."""

import math
import random

SHAPES = [[], [0], [1], [3], [4], [5], [7], [8], [9], [3, 5], [2, 3, 4], [1, 6], [4, 1, 2]]
LARGE_SHAPES = [[127], [128], [129], [136], [1003], [16, 9], [7, 11, 13]]
NAMES = ["kernel", "bias", "gamma", "beta", "embeddings", "recurrent_kernel"]
ORDINARY = ["normal", "normal", "normal", "mixed", "wide", "small", "sparse", "constant", "large", "one"]
RARE = ["tiny", "subnormal", "zero", "huge", "nonfinite"]
VALUES = ["normal", "normal", "mixed", "wide", "zero", "subnormal", "one", "small"]


class Draw:
    """Random choices with a memory of nothing but its seed."""

    def __init__(self, *seed):
        self.next = random.Random("/".join(map(str, seed))).random

    def chance(self, probability):
        return self.next() < probability

    def pick(self, items):
        return items[int(self.next() * len(items))]

    def whole(self, low, high):
        return low + int(self.next() * (high - low + 1))

    def order(self, items):
        return [item for _, item in sorted((self.next(), item) for item in items)]

    def log_uniform(self, low, high):
        """A number that looks typed: two or three digits, or all of them."""
        value = math.exp(math.log(low) + self.next() * (math.log(high) - math.log(low)))
        return value if self.chance(0.3) else float(f"{value:.{self.whole(0, 2)}e}")


def random_case(identity, seed, draw, kind="rmsprop", large=0.25, max_size=1100):
    """A case that crosses everything. Of RMSprop's siblings each has two variables of one shape: then order shows."""
    steps = draw.whole(3, 12)
    config = {"name": "opt", **hyper_parameters(draw, kind)}
    case = {"id": identity, "kind": kind, "seed": seed, "dtype": "float64" if draw.chance(0.25) else "float32"}
    case["variables"] = [variable(draw, i, large, max_size) for i in range(draw.whole(1, 4))]
    if kind != "rmsprop":
        twin = case["variables"][0]
        case["variables"].append({**twin, "name": f"twin_{len(case['variables'])}", "value": draw.pick(VALUES)})
    if draw.chance(0.12):
        case["variables"][0]["overwrite"] = True
    if draw.chance(0.12):
        case["scale"] = {
            "initial_scale": draw.pick([2.0**15, 2.0**10, 3.0, 1.0, 1000.0]),
            "dynamic_growth_steps": draw.pick([2000, 1, 2, 3]),
            "name": "scaled",
        }
        config.pop("loss_scale_factor", None)
    learning_rate(draw, case, config, steps)
    exclusions(draw, case, config)
    case["config"] = config
    case["build"] = draw.chance(0.5)
    case["mode"] = draw.pick(["apply"] * 8 + ["pairs", "stateless"])
    if case["mode"] == "stateless":
        case["build"] = True
    case["steps"] = [step_of(draw, case, i) for i in range(steps)]
    if draw.chance(0.3):
        case["steps"][-1]["finalize"] = True
    return case


def own_options(draw, kind):
    """The options of one optimizer alone: how often they are given, and what."""
    fraction = lambda: draw.pick([0.0, 0.5, 0.9, 0.99, 1.0, draw.next()])  # noqa: E731
    beta_2 = lambda: draw.pick([0.0, 0.5, 0.9, 0.99, 0.999, 1.0, draw.next()])  # noqa: E731
    epsilon = (0.5, lambda: draw.pick([0.0, 1e-3, 1e-7, 1e-10, 1.0, draw.log_uniform(1e-12, 1)]))
    start = (0.6, lambda: draw.pick([0.0, 0.1, 1.0, draw.log_uniform(1e-6, 1e3)]))
    strength = lambda: draw.pick([0.0, 0.1, 1.0, draw.log_uniform(1e-5, 10)])  # noqa: E731
    adam = {"beta_1": (0.5, fraction), "beta_2": (0.5, beta_2), "epsilon": epsilon, "amsgrad": (0.4, lambda: True)}
    return {
        "rmsprop": {
            "rho": (0.5, lambda: draw.pick([0.0, 0.5, 0.9, 0.99, 1.0, 0.999, draw.next()])),
            "momentum": (0.5, fraction),
            "epsilon": epsilon,
            "centered": (0.35, lambda: True),
        },
        "sgd": {"momentum": (0.7, fraction), "nesterov": (0.5, lambda: True)},
        "adam": adam,
        "adamw": adam,
        "adagrad": {"initial_accumulator_value": start, "epsilon": epsilon},
        "adadelta": {"rho": (0.6, beta_2), "epsilon": epsilon},
        "adamax": {key: adam[key] for key in ("beta_1", "beta_2", "epsilon")},
        "nadam": {key: adam[key] for key in ("beta_1", "beta_2", "epsilon")},
        "schedule_free_adamw": {
            "beta_1": (0.6, lambda: draw.pick([0.1, 0.5, 0.9, 0.95, 1.0, draw.next() or 1.0])),
            "beta_2": adam["beta_2"],
            "epsilon": epsilon,
            "warmup_steps": (0.5, lambda: draw.pick([0, 1, 3, 10])),
        },
        "ftrl": {
            "learning_rate_power": (0.3, lambda: draw.pick([0.0, -0.5])),
            "initial_accumulator_value": start,
            "l1_regularization_strength": (0.5, strength),
            "l2_regularization_strength": (0.5, strength),
            "l2_shrinkage_regularization_strength": (0.5, strength),
            "beta": (0.4, lambda: draw.pick([0.0, 1.0, 0.1, draw.log_uniform(1e-4, 1e2)])),
        },
        "lion": {"beta_1": (0.6, lambda: draw.pick([0.1, 0.5, 0.9, 0.95, 1.0, draw.next() or 1.0])), "beta_2": (0.6, beta_2)},
    }[kind]


def hyper_parameters(draw, kind="rmsprop"):
    """The options that are not left at their defaults."""
    config = {}
    chances = {
        **own_options(draw, kind),
        "weight_decay": (0.4, lambda: draw.pick([0.0, 0.004, 0.1, draw.log_uniform(1e-6, 1)])),
        "loss_scale_factor": (0.2, lambda: draw.pick([1024.0, 2.0, 3.0, 0.1, 1.0, draw.log_uniform(1e-3, 1e5)])),
        "gradient_accumulation_steps": (0.3, lambda: draw.pick([0, 2, 3, 4])),
    }
    for name, (probability, value) in chances.items():
        if draw.chance(probability):
            config[name] = value()
    if draw.chance(0.5):
        limit = draw.pick([0.0, -1.0, 1.0, 0.5, 1e-3, 1e3]) if draw.chance(0.5) else draw.log_uniform(1e-4, 1e4)
        config[draw.pick(["clipnorm", "clipvalue", "global_clipnorm"])] = limit
    if draw.chance(0.4):
        config["use_ema"] = True
        config["ema_momentum"] = draw.pick([0.0, 0.5, 0.99, 1.0, draw.next()])
        config["ema_overwrite_frequency"] = draw.pick([None, 0, 1, 2, 3])
    return config


def variable(draw, index, large, max_size):
    is_large = draw.chance(large)
    shape = draw.pick(LARGE_SHAPES if is_large else SHAPES)
    if is_large and max_size > 1100 and draw.chance(0.5):
        shape = draw.pick([[draw.whole(1, max_size)], [draw.whole(1, 40), draw.whole(1, max_size // 40)]])
        if draw.chance(0.08):
            shape = [draw.whole(4000, 12000)]
    regime = draw.pick(RARE) if draw.chance(0.2) else draw.pick(ORDINARY)
    spec = {"name": f"{draw.pick(NAMES)}_{index}", "shape": shape, "value": draw.pick(VALUES), "gradient": regime}
    if draw.chance(0.1):
        spec["frozen"] = True
    if draw.chance(0.12):
        spec["constraint"] = constraint(draw, shape)
    return spec


def constraint(draw, shape):
    kind = draw.pick(["NonNeg", "MaxNorm", "UnitNorm", "MinMaxNorm"])
    if kind == "NonNeg":
        return {"class_name": kind, "config": {}}
    axes = list(range(len(shape))) or [0]
    axis = draw.pick([0, -1, draw.pick(axes), sorted(draw.order(axes)[: draw.whole(1, len(axes))])])
    config = {"axis": axis if shape else 0}
    if kind == "MaxNorm":
        config["max_value"] = draw.pick([2.0, 1.0, 0.1, draw.log_uniform(1e-2, 1e2)])
    if kind == "MinMaxNorm":
        low = draw.pick([0.0, 0.5, draw.log_uniform(1e-3, 1)])
        config |= {"min_value": low, "max_value": low + draw.log_uniform(1e-2, 10), "rate": draw.pick([1.0, 0.5, 0.0])}
    return {"class_name": kind, "config": config}


def learning_rate(draw, case, config, steps):
    choice = draw.next()
    if choice < 0.3:
        config["learning_rate"] = schedule(draw)
    elif choice < 0.4:
        case["callable"] = [draw.log_uniform(1e-5, 1) for _ in range(steps)]
    elif choice < 0.9:
        config["learning_rate"] = draw.pick([0.01, 0.1, 0.5, 1.0, 1e-6, 0.0, draw.log_uniform(1e-6, 10)])


def exclusions(draw, case, config):
    if ("weight_decay" not in config and case["kind"] != "adamw") or draw.chance(0.4):
        return
    case["exclude"] = {}
    if draw.chance(0.6):
        case["exclude"]["variables"] = [draw.whole(0, len(case["variables"]) - 1)]
    if draw.chance(0.6):
        case["exclude"]["names"] = [draw.pick(["bias", "^kernel", "_1$", "a.*_[02]", "gamma|beta", "kernel"])]


def schedule(draw):
    """A schedule whose steps, boundaries and restarts fall into the first calls."""
    name = draw.pick(list(SCHEDULES))
    config = {key: value for key, value in SCHEDULES[name](draw).items() if value is not None}
    return serialized_schedule(name, config)


def serialized_schedule(name, config):
    return {"module": "keras.optimizers.schedules", "class_name": name, "config": config, "registered_name": None}


def _restarts(d):
    return {
        "initial_learning_rate": d.log_uniform(1e-3, 1),
        "first_decay_steps": d.whole(1, 8),
        "t_mul": d.pick([2.0, 1.0, 1.5, 3.0, None]),
        "m_mul": d.pick([1.0, 0.5, 0.9, None]),
        "alpha": d.pick([0.0, 0.1, d.next(), None]),
    }


def _cosine(d):
    warm = d.chance(0.5)
    return {
        "initial_learning_rate": d.pick([0.0, d.log_uniform(1e-3, 1)]) if warm else d.log_uniform(1e-3, 1),
        "decay_steps": d.whole(1, 15),
        "alpha": d.pick([0.0, 0.1, d.next(), None]),
        "warmup_target": d.log_uniform(1e-3, 1) if warm else None,
        "warmup_steps": d.whole(0, 6) if warm else None,
    }


def _piecewise(d):
    count = d.whole(1, 4)
    steps = [d.whole(1, 3) + (0.5 if d.chance(0.1) else 0) for _ in range(count)]
    boundaries = [sum(steps[: i + 1]) for i in range(count)]
    return {"boundaries": boundaries, "values": [d.log_uniform(1e-4, 1) for _ in range(count + 1)]}


def _decay(d):
    return {
        "initial_learning_rate": d.log_uniform(1e-4, 1),
        "decay_steps": d.whole(1, 20),
        "decay_rate": d.pick([0.9, 0.5, 0.96, 1.1, d.next() + 0.01]),
        "staircase": d.chance(0.4),
    }


def _polynomial(d):
    return {
        "initial_learning_rate": d.log_uniform(1e-3, 1),
        "decay_steps": d.whole(1, 15),
        "end_learning_rate": d.pick([0.0001, 0.0, 0.5, None]),
        "power": d.pick([1.0, 0.5, 2.0, 3.0, d.next() * 3, None]),
        "cycle": d.chance(0.5),
    }


SCHEDULES = {
    "ExponentialDecay": _decay,
    "InverseTimeDecay": _decay,
    "PiecewiseConstantDecay": _piecewise,
    "PolynomialDecay": _polynomial,
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _restarts,
}


def step_of(draw, case, index):
    """What one call gets: which variables, which gradients, and what happens before it."""
    step, count = {}, len(case["variables"])
    first = index == 0 and not case["build"]
    if case["mode"] != "stateless" and draw.chance(0.25):
        used = draw.order(range(count))
        step["use"] = used if first else used[: draw.whole(1, count)]
    used = step.get("use", range(count))
    none = [i for i in used if draw.chance(0.12)]
    if none and len(none) < len(used):
        step["none"] = none
    if draw.chance(0.15):
        step["regimes"] = {str(draw.pick(used)): draw.pick(RARE if draw.chance(0.5) else ORDINARY)}
    if "scale" in case:
        if draw.chance(0.2):
            step["regimes"] = {str(draw.pick(used)): draw.pick(["infinite", "nonfinite"])}
        return step
    between(draw, case, step, index)
    return step


def between(draw, case, step, index):
    """The rarer events: a learning rate set, weights set, the optimizer made anew, an early finalize."""
    constant = "callable" not in case and not isinstance(case["config"].get("learning_rate"), dict)
    if constant and draw.chance(0.08):
        step["learning_rate"] = draw.log_uniform(1e-5, 1)
    built = index > 0 or case["build"]
    if built and draw.chance(0.04):
        step["weights"] = {"iteration": draw.whole(0, 40), "learning_rate": draw.log_uniform(1e-4, 1)}
    elif built and "callable" not in case and draw.chance(0.04):
        step["reload"] = True
    if draw.chance(0.04):
        step["finalize"] = True
