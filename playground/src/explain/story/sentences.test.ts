// What is said of a step is true of its numbers.
import { expect, test } from "vitest";
import type { ExplainState } from "../state.js";
import { actAt, actsOf } from "./acts.js";
import { pathsWith } from "./in-node.js";
import { numbersOf } from "./numbers.js";
import { sentenceOf, spokenStep } from "./sentences.js";

function said(step: number, changed: Partial<ExplainState> = {}): string {
  const { state, paths } = pathsWith(changed);
  const act = actAt(actsOf(paths, state), step);
  return sentenceOf({ numbers: numbersOf(paths.rmsprop, state, step), act, state: { ...state, step }, paths });
}

test.each([
  [1, {}, "The gradients differ by a factor of 50; the steps are equal."],
  [1, {}, "the first step is 1 ∕ √(1 − ρ) = 3.2 learning rates long"],
  [30, {}, "The gradients differ by a factor of 21, the steps by only 1.5."],
  [90, {}, "y has arrived. Its gradient is almost 0, so v shrinks and y’s effective rate grows by 5.4% a step."],
  [120, {}, "a kick is building up"],
  [131, {}, "v has forgotten how steep y is: the effective rate is 1.08"],
  [134, {}, "The kick has filled v again: the effective rate along y is down to 0.144"],
  [400, {}, "the point stays half a step, 0.025, away. SGD’s loss is 8,100 times lower by now."],
  [380, { scheduled: true }, "The schedule has brought the learning rate down to 3.4e−4"],
  [300, { rho: 0.99 }, "v still remembers how steep the slope was"],
  [10, { epsilon: 1 }, "ε is larger than v"],
  [1, { start: { x: 0, y: 1 } }, "One of the two gradients is zero."],
])("of step %i with %o: %s", (step, changed, words) => {
  expect(said(step, changed)).toContain(words);
});

test("a screen reader hears the step and its act", () => {
  const { state, paths } = pathsWith({});
  expect(spokenStep(134, actAt(actsOf(paths, state), 134), paths)).toBe(
    "Step 134 of 400: v forgets: a kick. Loss: RMSprop 0.008045, SGD 0.006151",
  );
  expect(spokenStep(1, null, null)).toBe("Step 1 of 400");
});
