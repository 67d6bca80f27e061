"""The cases of MultiOptimizer: parts of every class, drawn options, a map or a function; what Keras leaves after each call."""

import copy

import keras
import numpy as np
from bits import canonical, digest, encode, fill, stream_of
from draw import ORDINARY, SHAPES, VALUES, Draw, hyper_parameters, schedule
from keras import optimizers
from rounding import correctly_rounded
from run_keras import CLASSES, SCHEDULES, NotComparable, comparable_cases

CASES = 150


def multi_cases():
    """As many as can be compared."""
    yield from comparable_cases(CASES, lambda i: MultiRun(multi_case(i, Draw("multi", i))).whole())


def multi_case(index, draw):
    parts = [part(draw, i) for i in range(draw.whole(1, 3) + 1)]
    variables = [variable(draw, i, draw.whole(0, len(parts) - 1)) for i in range(draw.whole(3, 7))]
    case = {"id": f"multi/{index}", "seed": 50_000 + index, "dtype": "float64" if draw.chance(0.2) else "float32"}
    case |= {"parts": parts, "variables": variables, "default": draw.whole(0, len(parts) - 1)}
    if not draw.chance(0.2):
        case["keys"] = keys(draw, case)
    if draw.chance(0.15):
        case["scale"] = {"initial_scale": draw.pick([2.0**15, 3.0]), "dynamic_growth_steps": draw.pick([2000, 2]), "name": "scaled"}
    elif draw.chance(0.2):
        case["loss_scale_factor"] = draw.pick([1024.0, 3.0])
    case["steps"] = [step(draw, case) for _ in range(draw.whole(3, 9))]
    case["steps"][-1]["finalize"] = draw.chance(0.5)
    return case


def part(draw, index):
    kind = draw.pick(list(CLASSES))
    config = {"name": f"part_{index}", **hyper_parameters(draw, kind)}
    config.pop("centered", None)  # where its variance rounds to zero we differ on purpose
    if draw.chance(0.3):
        config["learning_rate"] = schedule(draw)
    elif draw.chance(0.7):
        config["learning_rate"] = draw.pick([0.01, 0.1, 1.0, draw.log_uniform(1e-5, 1)])
    return {"kind": kind, "config": config}


def variable(draw, index, part):
    regime = draw.pick(ORDINARY)
    return {"name": f"of_{part}_{index}", "part": part, "shape": draw.pick([*SHAPES, [129]]), "value": draw.pick(VALUES), "gradient": regime}


def keys(draw, case):
    """A key or more for each part but the default, which may have one, too: a name, or an expression."""
    found = []
    for i in draw.order(range(len(case["parts"]))):
        names = [v["name"] for v in case["variables"] if v["part"] == i]
        if i == case["default"] and draw.chance(0.8):
            continue
        if names and draw.chance(0.3):
            found += [[name, i] for name in names]
        else:
            found.append([draw.pick([f"of_{i}_.*", rf"^of_{i}_\d$", f"(?i)OF_{i}.+", f"of_{i}_[0-9]|nothing"]), i])
    return found


def step(draw, case):
    spec = {}
    if draw.chance(0.3):
        chosen = draw.whole(0, len(case["variables"]) - 1)
        others = [v for v in case["variables"] if v["part"] == case["variables"][chosen]["part"]]
        if len(others) > 1:  # a part without any gradient is an error
            spec["none"] = [chosen]
    constant = [i for i, p in enumerate(case["parts"]) if not isinstance(p["config"].get("learning_rate"), dict)]
    if constant and draw.chance(0.2):
        spec["rates"] = {str(draw.pick(constant)): draw.log_uniform(1e-4, 1)}
    if "scale" in case and draw.chance(0.3):
        spec["regimes"] = {str(draw.whole(0, len(case["variables"]) - 1)): "infinite"}
    return spec


class MultiRun:
    def __init__(self, case):
        self.case = case
        self.variables = [self.variable(i, spec) for i, spec in enumerate(case["variables"])]
        self.parts = [CLASSES[p["kind"]].from_config(copy.deepcopy(p["config"])) for p in case["parts"]]
        self.multi = optimizers.MultiOptimizer(self.map(), loss_scale_factor=case.get("loss_scale_factor"), name="multi")
        self.optimizer = self.multi
        if "scale" in case:
            self.optimizer = optimizers.LossScaleOptimizer(self.multi, **case["scale"])

    def map(self):
        keys = self.case.get("keys")
        if keys is not None:
            default = self.parts[self.case["default"]]
            return optimizers.OptimizerMap(default, {key: self.parts[i] for key, i in keys})
        chosen = {id(v): self.parts[spec["part"]] for v, spec in zip(self.variables, self.case["variables"])}
        return lambda variable: chosen[id(variable)]

    def variable(self, index, spec):
        value = fill(spec["shape"], self.case["dtype"], spec["value"], stream_of(self.case["seed"], 0, index))
        return keras.Variable(value, dtype=self.case["dtype"], name=spec["name"])

    def whole(self):
        hashes = []
        with correctly_rounded():
            for call, step in enumerate(self.case["steps"]):
                for i, rate in step.get("rates", {}).items():
                    self.parts[int(i)].learning_rate = rate
                for optimizer in self.parts:
                    self.check_learning_rate(optimizer)
                self.optimizer.apply(self.gradients(call, step), self.variables)
                if step.get("finalize"):
                    self.optimizer.finalize_variable_values(self.variables)
                hashes.append(digest(b"".join(canonical(v.value) for v in [*self.variables, *self.own()])))
        end = {
            "variables": [encode(v.value, (), 4) for v in self.variables],
            "optimizer": [encode(v.value, (), 4) for v in self.own()],
            "paths": [self.path_of(v) for v in self.own()],
            "iterations": [int(np.asarray(o.iterations)) for o in [self.multi, *self.multi.optimizers]],
        }
        return {**self.case, "serialized": self.serialized(), "hashes": hashes, "end": end}

    def serialized(self):
        """Keras' own JSON of the map as it was; of a function there is none to load, and of one part under two keys it makes two."""
        used = [self.case["default"], *(i for _, i in self.case.get("keys", []))]
        if "keys" not in self.case or len(set(used)) < len(used):
            return None
        fresh = [CLASSES[p["kind"]].from_config(copy.deepcopy(p["config"])) for p in self.case["parts"]]
        own = optimizers.OptimizerMap(fresh[self.case["default"]], {key: fresh[i] for key, i in self.case["keys"]})
        return optimizers.serialize(optimizers.MultiOptimizer(own, self.case.get("loss_scale_factor"), name="multi"))

    def check_learning_rate(self, optimizer):
        """Rates are asked for under a correctly rounded power; NumPy's cos and log may differ."""
        if isinstance(optimizer._learning_rate, SCHEDULES.LearningRateSchedule):
            if not np.isfinite(np.float32(optimizer.learning_rate)):
                raise NotComparable

    def gradients(self, call, step):
        return [self.gradient(call, step, i) for i in range(len(self.variables))]

    def gradient(self, call, step, index):
        if index in step.get("none", []):
            return None
        spec = self.case["variables"][index]
        regime = step.get("regimes", {}).get(str(index), spec["gradient"])
        return fill(spec["shape"], self.case["dtype"], regime, stream_of(self.case["seed"], call + 1, index))

    def own(self):
        """All own variables as Keras lists them; Nadam's product, which it does not list here, at the end of its part."""
        found = list(self.optimizer.variables)
        for optimizer in self.multi.optimizers:
            product = getattr(optimizer, "_u_product", None)
            if product is None or any(v is product for v in found):
                continue
            last = optimizer.variables[-1]
            found.insert([v is last for v in found].index(True) + 1, product)
        return found

    def path_of(self, variable):
        for optimizer in self.multi.optimizers:
            if variable is getattr(optimizer, "_u_product", None):
                return f"{optimizer.name}/u_product"
        return variable.path
