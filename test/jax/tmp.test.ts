import { jit, numpy as np, tree } from "@jax-js/jax";
import { test } from "vitest";
import { array, liveBuffers, startBackend } from "./backends.js";
test("x", async () => {
  await startBackend("wasm");
  const variants = {
    simple: jit((a: np.Array, b: np.Array) => [a.add(1), b.mul(2)]),
    cross: jit((a: np.Array, b: np.Array) => [a.ref.add(b.ref), b.mul(a)]),
    one: jit((a: np.Array, b: np.Array) => { return [a, b.mul(2)]; }),
    red: jit((a: np.Array, b: np.Array) => { const s = np.sum(a.ref); return [a.mul(s.ref), b.mul(s)]; }),
  };
  for (const [name, f] of Object.entries(variants)) for (const n of [1, 2, 3, 5]) {
    const before = liveBuffers();
    let [a, b] = [array([1, 2]), array([3, 4])];
    for (let i = 0; i < n; i++) [a, b] = f(a, b) as [np.Array, np.Array];
    tree.dispose([a, b]);
    console.log(name, n, "leaked", liveBuffers() - before);
  }
});
