"""The cases of RMSprop's siblings: each option alone, in company and over all kinds of numbers; then draw.py crosses everything.

The bias corrections of Adam's kin are powers, which NumPy rounds wrongly now and then: their cases have correctly rounded ones.
"""

from itertools import product

from bits import REGIMES
from draw import Draw, random_case, schedule
from families import case_of, variable
from run_keras import comparable_cases, run

CASES = 170

# What chooses a kernel or a slot.
RULES = {
    "sgd": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "adam": [{}, {"amsgrad": True}],
    "adamw": [{}, {"amsgrad": True}],
    "lion": [{}],
    "adagrad": [{}],
    "adadelta": [{}],
    "adamax": [{}],
    "nadam": [{}],
    "schedule_free_adamw": [{}, {"warmup_steps": 3}],
    "ftrl": [{}, {"learning_rate_power": 0.0}, {"l1_regularization_strength": 0.1, "l2_shrinkage_regularization_strength": 0.1}],
}
_ADAM = {"beta_1": [0.0, 0.5, 0.99, 1.0], "beta_2": [0.0, 0.5, 0.9, 1.0], "epsilon": [0.0, 1e-10, 1e-3, 1.0]}
OWN = {
    "sgd": {"momentum": [0.1, 0.5, 0.99, 1.0]},
    "adam": _ADAM,
    "adamw": {**_ADAM, "weight_decay": [0.0, 0.1, 1.0]},
    "adagrad": {"initial_accumulator_value": [0.0, 1.0, 100.0], "epsilon": _ADAM["epsilon"]},
    "adadelta": {"rho": [0.0, 0.5, 0.99, 1.0], "epsilon": _ADAM["epsilon"]},
    "adamax": _ADAM,
    "nadam": _ADAM,
    "schedule_free_adamw": {**_ADAM, "beta_1": [0.1, 0.5, 0.95, 1.0], "warmup_steps": [1, 10]},
    "ftrl": {
        "initial_accumulator_value": [0.0, 1.0, 100.0],
        "l1_regularization_strength": [1e-3, 0.1, 10.0],
        "l2_regularization_strength": [0.1, 1.0],
        "l2_shrinkage_regularization_strength": [0.1, 1.0],
        "beta": [0.1, 1.0, -0.5],
    },
    "lion": {"beta_1": [0.1, 0.5, 0.95, 1.0], "beta_2": [0.0, 0.5, 0.9, 1.0]},
}
SHARED = [
    {"learning_rate": 0.0},
    {"learning_rate": 1.0},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.1},
    {"global_clipnorm": 0.5},
    {"loss_scale_factor": 1024.0},
    {"gradient_accumulation_steps": 2},
    {"gradient_accumulation_steps": 3, "global_clipnorm": 0.5, "weight_decay": 0.01},
    {"use_ema": True},
    {"use_ema": True, "ema_overwrite_frequency": 2, "weight_decay": 0.01},
    {"use_ema": True, "gradient_accumulation_steps": 2, "clipnorm": 1.0},
]


def sibling_cases(kind):
    """Planned cases, then drawn ones until there are enough."""
    planned = list(_planned(kind))
    for i, (name, case) in enumerate(planned):
        yield run({"id": f"{kind}/{name}", "seed": 20_000 + i, **case, "kind": kind})
    drawn = lambda i: random_case(f"{kind}/random/{i}", 30_000 + i, Draw("siblings", kind, i), kind)  # noqa: E731
    yield from comparable_cases(CASES - len(planned), lambda i: run(drawn(i)))


def _planned(kind):
    for family in (_options, _shared, _regimes, _rates, _scaled, _orders, _long):
        for name, case in family(kind):
            yield f"{family.__name__[1:]}/{name}", case


def _twins(*regimes):
    """Two variables of one shape between others: state that is mixed up shows."""
    first, second = (*regimes, "normal", "wide")[:2]
    return [variable(0, [3, 5], first), variable(1, [3, 5], second, "mixed"), variable(2, [130])]


def _dtype(i):
    return ["float32", "float64"][i % 4 == 3]


def _options(kind):
    given = [(name, value) for name, values in OWN[kind].items() for value in values]
    for i, ((name, value), rule) in enumerate(product(given, RULES[kind])):
        yield f"{name}={value}-{i}", case_of({**rule, name: value}, _twins(), steps=5, dtype=_dtype(i))


def _shared(kind):
    for i, (config, rule) in enumerate(product(SHARED, RULES[kind])):
        steps = [{}, {"none": [1]}, {"use": [1, 0]}, {}, {"use": [2]}, {}, {"finalize": "use_ema" in config}]
        yield f"{'-'.join(config)}-{i}", case_of({**rule, **config}, _twins(), steps, dtype=_dtype(i))


def _regimes(kind):
    for i, regime in enumerate(REGIMES):
        rule = RULES[kind][i % len(RULES[kind])]
        yield regime, case_of(rule, _twins(regime, regime), dtype=["float32", "float64"][i % 5 == 4])


def _rates(kind):
    draw = Draw("sibling rates", kind)
    for i in range(6):
        steps = [{}, {"learning_rate": draw.log_uniform(1e-4, 1)}, {}, {"schedule": schedule(draw)}, {}, {}]
        rule = RULES[kind][i % len(RULES[kind])]
        yield f"set-{i}", case_of(rule, _twins(), steps, dtype=["float32", "float64"][i % 2])


def _scaled(kind):
    draw = Draw("sibling scales", kind)
    for i in range(6):
        scale = {"initial_scale": draw.pick([2.0**15, 3.0]), "dynamic_growth_steps": [2000, 1, 2][i % 3], "name": "scaled"}
        steps = [{"regimes": {"0": draw.pick(["infinite", "nan"])}} if draw.chance(0.3) else {} for _ in range(8)]
        yield f"{i}", case_of(RULES[kind][i % len(RULES[kind])], _twins(), steps, scale=scale)


def _orders(kind):
    """Built by the first call, in another order; state that is saved, set and loaded."""
    for i, rule in enumerate(RULES[kind]):
        steps = [{"use": [2, 0, 1]}, {}, {"reload": True}, {"use": [1]}, {"weights": {"iteration": 7}}, {}]
        for j, mode in enumerate(["apply", "pairs", "stateless"]):
            own = [{key: value for key, value in step.items() if key != "use"} for step in steps] if j == 2 else steps
            yield f"{mode}-{i}", case_of(rule, _twins(), own, mode=mode, build=j == 2, dtype=_dtype(i + 2 * j))


def _long(kind):
    for i, rule in enumerate(RULES[kind]):
        yield f"{i}", case_of({**rule, "weight_decay": 0.01}, _twins(), steps=60, dtype=["float32", "float64"][i % 2])
