import { afterEach, expect, test, vi } from "vitest";
import { SGD } from "../../plain/classes.js";
import { Variable } from "../../plain/variable.js";
import { Dispatcher } from "./threads/dispatcher.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** How often a kernel is called. */
function callsOf(act: () => void): number {
  const run = vi.spyOn(Dispatcher.prototype, "run").mockClear();
  act();
  return run.mock.calls.length;
}

test.each([
  ["a step", {}, 2],
  ["a step with a norm of all", { globalClipnorm: 1 }, 4],
])("of variables that decay and others in turns, %s is one call of each kernel", (_, options, calls) => {
  const names = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `kernel${i}` : `bias${i}`));
  const variables = names.map((name) => new Variable(new Float32Array(3).fill(1), { name }));
  const optimizer = new SGD({ weightDecay: 0.1, ...options });
  optimizer.excludeFromWeightDecay({ names: ["bias"] });
  optimizer.build(variables);
  const gradients = names.map(() => new Float32Array(3).fill(1));
  expect(callsOf(() => optimizer.apply(gradients))).toBe(calls);
  expect(callsOf(() => optimizer.apply(gradients))).toBe(calls);
});
