"""The planned cases: every option alone and in the company where it could go wrong. draw.py crosses the rest by chance."""

from itertools import product

from bits import REGIMES
from draw import LARGE_SHAPES, SHAPES, Draw, constraint, schedule

RULES = {"plain": {}, "momentum": {"momentum": 0.9}, "centered": {"centered": True}, "both": {"momentum": 0.5, "centered": True}}
OPTIONS = {
    "learning_rate": [0.0, 1e-6, 0.01, 0.1, 0.3, 1.0],
    "rho": [0.0, 0.5, 0.9, 0.99, 1.0],
    "momentum": [0.0, 0.1, 0.5, 0.9, 1.0],
    "epsilon": [0.0, 1e-10, 1e-3, 1.0],
    "weight_decay": [0.0, 0.004, 0.1],
    "clipnorm": [-1.0, 0.0, 0.1, 1.0, 1e4],
    "clipvalue": [-1.0, 0.0, 0.01, 0.5, 1e4],
    "global_clipnorm": [-1.0, 0.0, 0.1, 1.0, 1e4],
    "loss_scale_factor": [1024.0, 2.0, 0.5, 3.0, 0.1],
    "gradient_accumulation_steps": [0, 2, 3, 4],
    "use_ema": [True],
}
LIMITS = [{}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5}, {"clipvalue": 0.1}]


def planned_cases():
    """All planned cases, each without its seed."""
    for family in (shapes, large, options, regimes, clips, averages, accumulation, rates, centered, overwrites, constraints, events, decay, scaled):
        for name, case in family():
            yield f"{family.__name__}/{name}", case


def variable(index, shape, gradient="normal", value="normal", **more):
    names = ["kernel", "bias", "gamma"]
    return {"name": f"{names[index % 3]}_{index}", "shape": shape, "value": value, "gradient": gradient, **more}


def case_of(config, variables, steps=4, dtype="float32", **more):
    calls = [{} for _ in range(steps)] if isinstance(steps, int) else steps
    return {
        "kind": "rmsprop",
        "dtype": dtype,
        "config": {"name": "opt", "learning_rate": 0.05, **config},
        "variables": variables,
        "build": True,
        "steps": calls,
        **more,
    }


def shapes():
    for i, shape in enumerate(SHAPES + LARGE_SHAPES):
        for j, dtype in enumerate(["float32", "float64"]):
            text = "x".join(map(str, shape)) or "scalar"
            rule = list(RULES)[(i + j) % 4]
            yield f"{text}-{dtype}-{rule}", case_of(RULES[rule], [variable(0, shape)], dtype=dtype, build=i % 2 == 0)
            limit = LIMITS[1 + (i + j) % 2]
            three = [variable(0, shape), variable(1, [5]), variable(2, shape, "wide")]
            yield f"{text}-{dtype}-clipped", case_of(limit, three, dtype=dtype, steps=3)


def large():
    """Longer than any block in which arrays may be worked through."""
    rules = {**RULES, "everything": {"use_ema": True, "gradient_accumulation_steps": 2, "loss_scale_factor": 3.0, "weight_decay": 0.01}}
    for i, (size, (name, config)) in enumerate(product([4097, 8200, 20011], rules.items())):
        arrays = [variable(0, [size], ["normal", "wide"][i % 2]), variable(1, [3])]
        yield f"{size}-{name}", case_of({**config, **LIMITS[i % 4]}, arrays, dtype=["float32", "float64"][i % 2], build=i % 3 > 0)


def options():
    for name, values in OPTIONS.items():
        for i, value in enumerate(values):
            for rule in ("plain", "both"):
                config = {**RULES[rule], name: value}
                three = [variable(0, [3, 5]), variable(1, [7]), variable(2, [])]
                yield f"{name}={value}-{rule}", case_of(config, three, steps=5, dtype=["float32", "float64"][i % 4 == 3])


def regimes():
    configs = {**RULES, "decay": {"weight_decay": 0.01}, "ema": {"use_ema": True, "ema_overwrite_frequency": 2}}
    for i, (regime, (name, config)) in enumerate(product(REGIMES, configs.items())):
        arrays = [variable(0, [9], regime), variable(1, [130], regime, "mixed"), variable(2, [], regime, "zero")]
        yield f"{regime}-{name}", case_of(config, arrays, dtype=["float32", "float64"][i % 5 == 4])


def clips():
    for i, (regime, limit) in enumerate(product(REGIMES, LIMITS[1:])):
        arrays = [variable(0, [8], regime), variable(1, [136], "normal"), variable(2, [17], regime)]
        name = next(iter(limit))
        yield f"{name}-{regime}", case_of(limit, arrays, steps=3, dtype=["float32", "float64"][i % 5 == 4])


def averages():
    for momentum, frequency, k in product([0.0, 0.5, 0.99, 1.0], [None, 0, 1, 2, 3], [None, 3]):
        config = {"use_ema": True, "ema_momentum": momentum, "ema_overwrite_frequency": frequency}
        steps = [{}, {"none": [1]}, {"use": [1, 0]}, {}, {"use": [1]}, {}, {}, {"finalize": frequency is None}]
        case = case_of({**config, "gradient_accumulation_steps": k}, [variable(0, [4]), variable(1, [3, 3])], steps)
        yield f"{momentum}-{frequency}-{k}", case


def accumulation():
    for k, limit, factor in product([2, 3, 4], LIMITS, [None, 3.0]):
        config = {**limit, "gradient_accumulation_steps": k, "loss_scale_factor": factor, "weight_decay": 0.01, "momentum": 0.9}
        steps = [{}, {"none": [0]}, {"use": [2, 0]}, {}, {"use": [1]}, {"none": [1, 2]}, {}, {}, {}, {}, {}, {}]
        arrays = [variable(0, [5]), variable(1, [129], "wide"), variable(2, [2, 2])]
        yield f"{k}-{next(iter(limit), 'none')}-{factor}", case_of(config, arrays, steps)


def rates():
    draw = Draw("rates")
    for i in range(24):
        config = {"learning_rate": schedule(draw), "weight_decay": 0.02, "gradient_accumulation_steps": [None, 2][i % 2]}
        name = config["learning_rate"]["class_name"]
        yield f"{name}-{i}", case_of(config, [variable(0, [3])], steps=12, dtype=["float32", "float64"][i % 3 == 2])
    for i in range(4):
        values = [draw.log_uniform(1e-4, 1) for _ in range(6)]
        case = case_of({"weight_decay": 0.1}, [variable(0, [3])], steps=6, callable=values, dtype=["float32", "float64"][i % 2])
        del case["config"]["learning_rate"]
        yield f"callable-{i}", case
    for i in range(6):
        steps = [{}, {"learning_rate": draw.log_uniform(1e-4, 1)}, {}, {"schedule": schedule(draw)}, {}, {}]
        yield f"set-{i}", case_of({"momentum": 0.5}, [variable(0, [4])], steps, dtype=["float32", "float64"][i % 2])


def centered():
    """Constant gradients, whose variance rounds to zero or below: Keras is lost there, at times not before step 100."""
    for i, (rho, epsilon) in enumerate(product([0.01, 0.5, 0.9, 0.99], [1e-7, 0.0, 1e-3])):
        frozen = [variable(j, [[4], [], [9]][j], "constant", frozen=True) for j in range(3)]
        config = {"centered": True, "rho": rho, "epsilon": epsilon, "momentum": [0.0, 0.9][i % 2], "use_ema": i % 3 == 0}
        frozen[2]["gradient"] = "normal"
        yield f"{rho}-{epsilon}", case_of(config, frozen, steps=50, dtype=["float32", "float64"][i % 4 == 3])
    frozen = [variable(0, [8], "constant", frozen=True), variable(1, [8], "normal", frozen=True)]
    yield "long", case_of({"centered": True}, frozen, steps=150)


def overwrites():
    for i, (k, ema, which) in enumerate(product([None, 2, 3], [None, 2], [[0], [1], [0, 1]])):
        config = {"gradient_accumulation_steps": k, "use_ema": ema is not None, "ema_overwrite_frequency": ema, "weight_decay": 0.01}
        config["loss_scale_factor"] = [None, 8.0][i % 2]
        arrays = [variable(0, [4]), variable(1, [3, 2])]
        for index in which:
            arrays[index]["overwrite"] = True
        steps = [{}, {"none": [0]}, {"use": [1, 0]}, {}, {"use": [0]}, {}, {}]
        yield f"{k}-{ema}-{which}", case_of(config, arrays, steps)


def constraints():
    draw = Draw("constraints")
    for i, shape in enumerate([[5], [], [3, 4], [130], [4, 130], [2, 3, 4], [3, 3, 2, 5], [1, 7]] * 3):
        arrays = [variable(0, shape, constraint=constraint(draw, shape)), variable(1, [4], constraint={"class_name": "NonNeg", "config": {}})]
        config = [{"learning_rate": 0.5}, {"use_ema": True, "ema_overwrite_frequency": 2}, {"gradient_accumulation_steps": 2}][i % 3]
        yield f"{i}-{arrays[0]['constraint']['class_name']}", case_of(config, arrays, steps=5, dtype=["float32", "float64"][i % 5 == 4])


def events():
    everything = {"momentum": 0.9, "centered": True, "use_ema": True, "gradient_accumulation_steps": 2, "weight_decay": 0.01}
    weights = {"iteration": 7, "learning_rate": 0.25}
    for i, config in enumerate([{}, {"momentum": 0.5}, {"centered": True, "use_ema": True}, everything]):
        for event, before in {"weights": {"weights": weights}, "reload": {"reload": True}, "finalize": {"finalize": True}}.items():
            steps = [{}, {}, {}, before, {}, {"none": [1]}, {}]
            yield f"{event}-{i}", case_of(config, [variable(0, [6]), variable(1, [131])], steps)
        for mode in ("stateless", "pairs"):
            yield f"{mode}-{i}", case_of(config, [variable(0, [6]), variable(1, [131])], mode=mode)
        orders = [{"use": [2, 0, 1]}, {"use": [1, 2]}, {"use": [0]}, {}, {"use": [0, 2, 1], "none": [2]}]
        three = [variable(0, [6]), variable(1, [5, 2]), variable(2, [])]
        yield f"order-{i}", case_of({**config, "global_clipnorm": 1.0}, three, orders, build=i % 2 == 0)


def decay():
    names = {"names": ["bias"]}, {"names": ["^k", "gamma_2$"]}, {"variables": [0]}, {"variables": [1], "names": ["gam+a"]}
    for i, exclude in enumerate(names):
        arrays = [variable(0, [4]), variable(1, [4]), variable(2, [4], value="wide")]
        yield f"exclude-{i}", case_of({"weight_decay": 0.1}, arrays, exclude=exclude)
    for i, value in enumerate(["zero", "infinite", "nonfinite", "huge"]):
        yield f"value-{value}", case_of({"weight_decay": [0.0, 0.004][i % 2]}, [variable(0, [9], value=value)])


def scaled():
    draw = Draw("scaled")
    growth = [2000, 1, 2, 3]
    for i in range(32):
        config = [{}, {"momentum": 0.9}, {"gradient_accumulation_steps": 2}, {"global_clipnorm": 1.0, "use_ema": True}][i % 4]
        scale = {"initial_scale": draw.pick([2.0**15, 2.0, 3.0]), "dynamic_growth_steps": growth[i // 4 % 4], "name": "scaled"}
        arrays = [variable(0, [5]), variable(1, [[129], []][i % 2]), variable(2, [3], overwrite=i % 8 == 3)]
        steps = [{} for _ in range(10)]
        for step in steps:
            if draw.chance(0.3):
                step["regimes"] = {str(draw.whole(0, 2)): draw.pick(["infinite", "nan", "nonfinite"])}
            elif draw.chance(0.2):
                step["none"] = [1]
        mode = "stateless" if i % 5 == 4 else "apply"
        yield f"{i}", case_of(config, arrays, steps, scale=scale, mode=mode, dtype=["float32", "float64"][i % 7 == 6])
