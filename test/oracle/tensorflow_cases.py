"""Cases of float64 that can be compared bit for bit with Keras on TensorFlow.

There sums have another order, `pow` and `cos` of float32 other roundings, subnormal numbers are zero, `maximum(-0, 0)`
is -0 at the end of an array, and names end in ":0". Without sums of three and more, such schedules, tiny numbers,
constraints and anchored names, every bit is decided by the rule alone.
"""

from draw import ORDINARY, SCHEDULES, serialized_schedule

# Without a power.
EXACT_KINDS = ["rmsprop", "sgd", "lion"]
EXACT_SCHEDULES = ("InverseTimeDecay", "PiecewiseConstantDecay")
EXACT_REGIMES = [regime for regime in ORDINARY if regime not in ("mixed", "wide")] + ["zero"]
NAMES = ["bias", "kernel", "gam+a", "a.*_[02]", "gamma|beta"]
CLIPS = ("clipnorm", "global_clipnorm")


def float64_case(case, draw):
    """What a drawn case becomes there; more than half have weight decay."""
    mode = case["mode"] if case["mode"] != "stateless" else "apply"  # TensorFlow has no stateless_apply
    case = {**case, "dtype": "float64", "mode": mode}
    case["variables"] = [_exact_variable(spec, draw) for spec in case["variables"]]
    case["config"] = _exact(_exact_config(case, draw), "learning_rate", draw)
    case["steps"] = [_exact_step(step, draw) for step in case["steps"]]
    if "names" in case.get("exclude", {}):
        case["exclude"]["names"] = [draw.pick(NAMES)]
    return case


def _exact_variable(spec, draw):
    kept = {key: value for key, value in spec.items() if key in ("name", "shape", "frozen")}
    return {**kept, "value": draw.pick(EXACT_REGIMES), "gradient": draw.pick(EXACT_REGIMES)}


def _exact_config(case, draw):
    config = case["config"]
    if draw.chance(0.6):
        config["weight_decay"] = draw.pick([0.004, 0.1, draw.log_uniform(1e-6, 1)])
    if not any(clip in config for clip in CLIPS):
        return config
    if len(case["variables"]) > 2:
        return {key: value for key, value in config.items() if key not in CLIPS}
    for spec in case["variables"]:
        spec["shape"] = draw.pick([[], [1], [1, 1]])
    return config


def _exact_step(step, draw):
    if "regimes" in step:
        kept = [*EXACT_REGIMES, "infinite", "nonfinite"]
        step = {**step, "regimes": {key: draw.pick(kept) for key in step["regimes"]}}
    return _exact(step, "schedule", draw)


def _exact(holder, key, draw):
    """With another schedule in the place of one that rounds differently."""
    schedule = holder.get(key)
    if not isinstance(schedule, dict) or schedule["class_name"] in EXACT_SCHEDULES:
        return holder
    name = draw.pick(EXACT_SCHEDULES)
    return {**holder, key: serialized_schedule(name, SCHEDULES[name](draw))}
