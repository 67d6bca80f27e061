"""One peer of table (c): makes steps of an optimizer when told to, and says how long they took.

    python peer.py NAME OPTIMIZER THREADS SIZE

Reads lines: `time N` is answered by the milliseconds of N steps, `peek` by the first weights. The first line that it
writes names the versions. Weights and gradients are those of contenders/data.ts.
"""
import json
import os
import sys
import time

LEARNING_RATE, RHO, EPSILON = 1e-3, 0.9, 1e-7
BETAS = (0.9, 0.999)
KERAS = {
    "RMSprop": {"rho": RHO, "epsilon": EPSILON},
    "Adam": {"beta_1": BETAS[0], "beta_2": BETAS[1], "epsilon": EPSILON},
    "SGD": {},
}
SCALE, PERIOD, SHOWN = 2.0, 1013, 8


def gradients(size):
    import numpy as np

    period = ((np.arange(PERIOD) * 7919 % PERIOD) / PERIOD - 0.5) * SCALE
    return np.resize(period.astype(np.float32), size)


def torch_step(optimizer_name, threads, size, foreach, compiled):
    import torch

    torch.set_num_threads(threads)
    weights = torch.ones(size, requires_grad=True)
    weights.grad = torch.from_numpy(gradients(size))
    own = {"RMSprop": {"alpha": RHO, "eps": EPSILON}, "Adam": {"betas": BETAS, "eps": EPSILON}, "SGD": {}}[optimizer_name]
    optimizer = getattr(torch.optim, optimizer_name)([weights], lr=LEARNING_RATE, foreach=foreach, **own)
    step = torch.compile(optimizer.step) if compiled else optimizer.step

    def run(count):
        for _ in range(count):
            step()

    return run, lambda: weights.detach()[:SHOWN].tolist(), {"torch": torch.__version__}


def limit_jax(threads):
    """XLA takes as many threads as there are processors that the process may use."""
    os.environ["NPROC"] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def optax_step(optimizer_name, threads, size):
    limit_jax(threads)
    import jax
    import jax.numpy as jnp
    import optax

    optimizer = {
        "RMSprop": lambda: optax.rmsprop(LEARNING_RATE, decay=RHO, eps=EPSILON),
        "Adam": lambda: optax.adam(LEARNING_RATE, *BETAS, eps=EPSILON),
        "SGD": lambda: optax.sgd(LEARNING_RATE),
    }[optimizer_name]()
    given = jnp.asarray(gradients(size))

    def step(weights, state, given):
        updates, state = optimizer.update(given, state, weights)
        return optax.apply_updates(weights, updates), state

    step = jax.jit(step, donate_argnums=(0, 1))
    held = [jnp.ones(size)]
    held.append(optimizer.init(held[0]))

    def run(count):
        for _ in range(count):
            held[:] = step(*held, given)
        jax.block_until_ready(held)

    return run, lambda: held[0][:SHOWN].tolist(), {"optax": optax.__version__, "jax": jax.__version__}


def keras_jax_step(optimizer_name, threads, size):
    limit_jax(threads)
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import jax.numpy as jnp
    import keras

    variable = keras.Variable(jnp.zeros(size))
    optimizer = getattr(keras.optimizers, optimizer_name)(LEARNING_RATE, **KERAS[optimizer_name])
    optimizer.build([variable])
    given = jnp.asarray(gradients(size))

    def step(weights, state, given):
        return optimizer.stateless_apply(state, [given], weights)

    step = jax.jit(step, donate_argnums=(0, 1))
    held = [[jnp.ones(size)], [jnp.copy(v.value) for v in optimizer.variables]]

    def run(count):
        for _ in range(count):
            held[:] = step(*held, given)
        jax.block_until_ready(held)

    return run, lambda: held[0][0][:SHOWN].tolist(), {"keras": keras.__version__, "jax": jax.__version__}


def keras_tensorflow_step(optimizer_name, threads, size):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    variable = keras.Variable(tf.ones(size))
    optimizer = getattr(keras.optimizers, optimizer_name)(LEARNING_RATE, **KERAS[optimizer_name])
    optimizer.build([variable])
    given = tf.constant(gradients(size))

    @tf.function(jit_compile=True)
    def step():
        optimizer.apply([given])

    def peek():
        return variable.value[:SHOWN].numpy().tolist()

    def run(count):
        for _ in range(count):
            step()
        peek()  # waits

    return run, peek, {"keras": keras.__version__, "tensorflow": tf.__version__}


PEERS = {
    "torch.compile": lambda *given: torch_step(*given, foreach=False, compiled=True),
    "torch foreach": lambda *given: torch_step(*given, foreach=True, compiled=False),
    "optax": optax_step,
    "keras-jax": keras_jax_step,
    "keras-tensorflow": keras_tensorflow_step,
}


def main():
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    name, optimizer_name, threads, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    run, peek, versions = PEERS[name](optimizer_name, threads, size)
    print(json.dumps(versions), file=answers)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "peek":
            print(json.dumps(peek()), file=answers)
            continue
        start = time.perf_counter()
        run(int(arguments[0]))
        print(json.dumps((time.perf_counter() - start) * 1e3), file=answers)


main()
