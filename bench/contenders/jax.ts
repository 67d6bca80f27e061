// jax-js: RMSprop in the shape of optax, jitted, and this package's for it. jax-js' own optax has none, so its parts stand here as Python's optax
// has them (optax.scale_by_rms, optax.scale_by_learning_rate, optax.apply_updates).
import { blockUntilReady, init, jit, numpy as np } from "@jax-js/jax";
import { RMSprop, rmsprop, Variable } from "rmsprop/jax";
import { type Contender, timed, timedAsync } from "../contender.js";
import { gradients, HYPER, SHOWN, weights } from "./data.js";

/** One jitted function from weights, state and gradient to new weights and state, on jax-js' WASM backend. */
export async function jaxStep(length: number): Promise<Contender> {
  await init("wasm");
  const step = jit((trained: np.Array, mean: np.Array, gradient: np.Array): [np.Array, np.Array] => {
    const [update, next] = scaleByRms(gradient, mean);
    return [trained.add(update.mul(-HYPER.learningRate)), next];
  });
  let trained = np.array(weights(length));
  let mean = np.array(new Float32Array(length));
  const gradient = np.array(gradients(length));
  return timedAsync(
    "jax-js, jitted, wasm",
    async () => {
      // Arguments are used up by a call; the gradient is needed again.
      [trained, mean] = step(trained, mean, gradient.ref);
      await blockUntilReady([trained, mean]);
    },
    async () => (await trained.ref.data()).slice(0, SHOWN),
  );
}

/** `rmsprop()` of "rmsprop/jax", jitted on the WASM backend. */
export async function oursJitted(length: number): Promise<Contender> {
  await init("wasm");
  const solver = rmsprop(HYPER);
  const step = jit(solver.apply<np.Array>);
  let trained = np.array(weights(length));
  let state = solver.init(trained.ref);
  const gradient = np.array(gradients(length));
  return timedAsync(
    "rmsprop/jax, jitted, wasm",
    async () => {
      [trained, state] = step(gradient.ref, state, trained);
      await blockUntilReady([trained, state.velocity]);
    },
    async () => (await trained.ref.data()).slice(0, SHOWN),
  );
}

/** class RMSprop of "rmsprop/jax" through core: arrays out, a step of core, arrays in. */
export async function oursThroughCore(length: number): Promise<Contender> {
  await init("wasm");
  const optimizer = new RMSprop(HYPER, "core");
  const trained = new Variable(np.array(weights(length)));
  const gradient = np.array(gradients(length));
  return timed(
    "rmsprop/jax, through core",
    () => optimizer.apply([gradient.ref], [trained]),
    () => trained.value.slice(0, SHOWN),
  );
}

function scaleByRms(gradient: np.Array, mean: np.Array): [update: np.Array, mean: np.Array] {
  const { rho, epsilon } = HYPER;
  const next = mean.mul(rho).add(np.square(gradient.ref).mul(1 - rho));
  return [gradient.div(np.sqrt(next.ref.add(epsilon))), next];
}
