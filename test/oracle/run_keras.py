"""Runs a case on real Keras, call by call, and records what comes out. What a case may say is in case.ts."""

import copy
from contextlib import nullcontext

import keras
import numpy as np
from bits import canonical, digest, encode, fill, stream_of
from keras import constraints, optimizers
from rounding import correctly_rounded

CLASSES = {
    "rmsprop": optimizers.RMSprop,
    "sgd": optimizers.SGD,
    "adam": optimizers.Adam,
    "adamw": optimizers.AdamW,
    "lion": optimizers.Lion,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adamax": optimizers.Adamax,
    "nadam": optimizers.Nadam,
    "ftrl": optimizers.Ftrl,
    "schedule_free_adamw": optimizers.ScheduleFreeAdamW,
}
POWERS = ["adam", "adamw", "adamax", "nadam", "ftrl", "schedule_free_adamw"]
SIBLINGS = [kind for kind in CLASSES if kind != "rmsprop"]
SCHEDULES = optimizers.schedules


class NotComparable(Exception):
    """NumPy rounded this schedule wrongly, or it left the numbers: draw another case."""


def run(case, full=16):
    """The case with its expected results. Where a step takes a power, it is correctly rounded, as NumPy's is not always."""
    with correctly_rounded() if case["kind"] in POWERS else nullcontext():
        return Run(case, full).whole()


def comparable_cases(count, result_at):
    """As many results as wanted of `result_at(0)`, `result_at(1)`, ...; what cannot be compared is left out."""
    found = index = 0
    while found < count:
        try:
            yield result_at(index)
            found += 1
        except NotComparable:
            pass
        index += 1


class Run:
    def __init__(self, case, full=16):
        self.case, self.full, self.call = case, full, 0
        self.variables = [self.variable(i, spec) for i, spec in enumerate(case["variables"])]
        self.optimizer = self.wrapped(self.create())
        # variable index -> {element: the step from which Keras has lost it}
        self.lost = [{} for _ in self.variables]
        # The order that the optimizer knows: that of build, or of the first call.
        self.order = list(range(len(self.variables)))
        if not case.get("build"):
            self.order = case["steps"][0].get("use", self.order)
        if case.get("build"):
            self.optimizer.build(self.ordered())

    # -- making ---------------------------------------------------------------------------------------------------

    def variable(self, index, spec):
        value = fill(spec["shape"], self.case["dtype"], spec["value"], stream_of(self.case["seed"], 0, index))
        variable = keras.Variable(value, dtype=self.case["dtype"], name=spec["name"])
        if "constraint" in spec:
            variable.constraint = constraint_of(spec["constraint"])
        if spec.get("overwrite"):
            variable.overwrite_with_gradient = True
        return variable

    def create(self):
        config = copy.deepcopy(self.case["config"])
        if "callable" in self.case:
            config["learning_rate"] = lambda: self.case["callable"][self.call]
        optimizer = CLASSES[self.case["kind"]].from_config(config)
        self.exclude(optimizer)
        return optimizer

    def exclude(self, optimizer):
        exclude = self.case.get("exclude")
        if exclude:
            chosen = [self.variables[i] for i in exclude.get("variables", [])]
            optimizer.exclude_from_weight_decay(var_list=chosen, var_names=exclude.get("names"))

    def wrapped(self, inner):
        self.inner = inner
        scale = self.case.get("scale")
        return optimizers.LossScaleOptimizer(inner, **scale) if scale else inner

    def ordered(self):
        return [self.variables[i] for i in self.order]

    # -- running --------------------------------------------------------------------------------------------------

    def whole(self):
        hashes = []
        for self.call, step in enumerate(self.case["steps"]):
            self.before(step)
            self.check_learning_rate()
            self.apply(step)
            self.mark_lost(step)
            if step.get("finalize"):
                self.optimizer.finalize_variable_values(self.ordered())
            hashes.append(self.hash_of_state())
        return {**self.case, "hashes": hashes, "end": self.end(), **self.skipped()}

    def before(self, step):
        if "learning_rate" in step:
            self.optimizer.learning_rate = step["learning_rate"]
        if "schedule" in step:
            self.optimizer.learning_rate = SCHEDULES.deserialize(copy.deepcopy(step["schedule"]))
        if "weights" in step:
            self.set_weights(step["weights"])
        if step.get("reload"):
            self.reload()

    def set_weights(self, weights):
        stream = lambda i: stream_of(self.case["seed"], 1000 + self.call, i)  # noqa: E731
        values = []
        for i, variable in enumerate(self.optimizer.variables):
            if variable.name in weights:
                values.append(np.asarray(weights[variable.name], dtype=variable.dtype))
            else:
                values.append(fill(variable.shape, variable.dtype, "positive", stream(i)))
        self.optimizer.set_weights(values)

    def reload(self):
        """Goes on with a new optimizer that has the configuration and the state of the old one."""
        store = {}
        self.optimizer.save_own_variables(store)
        self.inner = self.optimizer = CLASSES[self.case["kind"]].from_config(self.optimizer.get_config())
        self.exclude(self.optimizer)
        self.optimizer.build(self.ordered())
        self.optimizer.load_own_variables(store)

    def check_learning_rate(self):
        if not isinstance(self.inner._learning_rate, SCHEDULES.LearningRateSchedule):
            return
        own = np.float32(self.inner.learning_rate)
        with correctly_rounded():
            exact = np.float32(self.inner.learning_rate)
        if not np.isfinite(own) or own != exact:
            raise NotComparable

    def gradients(self, step):
        return [self.gradient(step, i) for i in step.get("use", self.order)]

    def gradient(self, step, index):
        if index in step.get("none", []):
            return None
        spec = self.case["variables"][index]
        regime = step.get("regimes", {}).get(str(index), spec["gradient"])
        stream = stream_of(self.case["seed"], 1 if spec.get("frozen") else self.call + 1, index)
        return fill(spec["shape"], self.case["dtype"], regime, stream)

    def apply(self, step):
        gradients, mode = self.gradients(step), self.case.get("mode", "apply")
        used = [self.variables[i] for i in step.get("use", self.order)]
        if mode == "stateless":
            state = [v.value for v in self.optimizer.variables]
            after = self.optimizer.stateless_apply(state, gradients, [v.value for v in used])
            for variable, value in zip([*used, *self.optimizer.variables], [*after[0], *after[1]]):
                variable.assign(value)
        elif mode == "pairs":
            self.optimizer.apply_gradients(list(zip(gradients, used)))
        elif "use" in step or not self.optimizer.built:
            self.optimizer.apply(gradients, used)
        else:
            self.optimizer.apply(gradients)

    def mark_lost(self, step):
        """Centered: where the denominator is not above zero Keras divides by zero; from there on we differ."""
        inner, steps = self.inner, self.inner.gradient_accumulation_steps
        if not getattr(inner, "centered", False) or (steps and inner._iterations.value % steps):
            return
        for i in step.get("use", self.order):
            velocity = inner._velocities[inner._get_variable_index(self.variables[i])]
            if i in step.get("none", []) or velocity is None:
                continue
            center = inner._average_gradients[inner._get_variable_index(self.variables[i])]
            denominator = (velocity.value - np.square(center.value)) + np.dtype(velocity.dtype).type(inner.epsilon)
            for element in np.flatnonzero(denominator <= 0):
                self.lost[i].setdefault(int(element), self.call)
            self.spread(i)

    def spread(self, index):
        """A norm mixes elements: one lost element loses its whole variable."""
        constraint = self.case["variables"][index].get("constraint", {"class_name": "NonNeg"})
        if self.lost[index] and constraint["class_name"] != "NonNeg":
            for element in range(self.variables[index].value.size):
                self.lost[index].setdefault(element, self.call)

    # -- recording ------------------------------------------------------------------------------------------------

    def arrays(self):
        """(array, the elements that are not compared) for all variables, then for all optimizer variables."""
        lost = {}
        for variable, elements in zip(self.variables, self.lost):
            for name in (variable.name, f"{variable.name}_average", f"{variable.name}_momentum"):
                lost[name] = sorted(elements)
        return [(v.value, lost.get(v.name, ())) for v in [*self.variables, *self.own_variables()]]

    def own_variables(self):
        """Within a loss scale Keras does not list Nadam's product, though it has one."""
        listed = self.optimizer.variables
        product = getattr(self.inner, "_u_product", None)
        return listed if product is None or any(v is product for v in listed) else [*listed, product]

    def hash_of_state(self):
        return digest(b"".join(canonical(value, skipped) for value, skipped in self.arrays()))

    def end(self):
        encoded = [encode(value, skipped, self.full) for value, skipped in self.arrays()]
        count = len(self.variables)
        self.check_learning_rate()
        learning_rate = self.optimizer.learning_rate
        if isinstance(learning_rate, keras.Variable):
            learning_rate = learning_rate.value
        return {
            "variables": encoded[:count],
            "optimizer": encoded[count:],
            "paths": [self.path_of(v) for v in self.own_variables()],
            "iterations": int(np.asarray(self.optimizer.iterations)),
            "learning_rate": float(learning_rate),
        }

    def path_of(self, variable):
        """Keras gives Nadam's product no name, and counts what has none."""
        return f"{self.inner.name}/u_product" if variable is getattr(self.inner, "_u_product", None) else variable.path

    def skipped(self):
        lost = {v.name: elements for v, elements in zip(self.variables, self.lost) if elements}
        if not lost:
            return {}
        return {"lost": {name: [[step, i] for i, step in sorted(elements.items())] for name, elements in lost.items()}}


def constraint_of(serialized):
    return getattr(constraints, serialized["class_name"])(**serialized["config"])
