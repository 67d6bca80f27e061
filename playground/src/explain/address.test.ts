// The first screen in the address: what it says comes back, and what makes no sense is refused.
import { expect, test } from "vitest";
import { fromFragment, toFragment } from "../address.js";
import { INITIAL, settingsOf } from "../settings.js";
import { SCALES } from "./sliders.js";
import { BOUNDS, EXPLAIN_INITIAL, type ExplainState, SLIDER_NAMES } from "./state.js";

test.each<Partial<ExplainState>>([
  {},
  { step: 134 },
  { start: { x: 3.25, y: -1.5 }, scheduled: true },
  { learningRate: 0.2, rho: 0.968, momentum: 0.9, epsilon: 1e-10, step: 400 },
])("%o comes back from the address", (changed) => {
  const state = { ...INITIAL, explain: { ...EXPLAIN_INITIAL, ...changed } };
  expect(fromFragment(`#${toFragment(state)}`)).toEqual({ state, problems: [] });
});

test("the address says only what differs from the page as it opens", () => {
  expect(toFragment(INITIAL)).toBe("tab=explain");
  expect(toFragment({ ...INITIAL, explain: { ...EXPLAIN_INITIAL, step: 9 } })).toBe("tab=explain&step=9");
  expect(toFragment({ ...INITIAL, tab: "landscape", until: 7 })).toBe("tab=landscape&until=7");
  expect(fromFragment("#at=3").state).toMatchObject({ tab: "landscape", at: 3 });
  expect(fromFragment("#at=-1").problems).toEqual(['at cannot be "-1"']);
  expect(toFragment({ ...INITIAL, runs: [settingsOf("lion")] })).toBe("tab=explain&run=lion");
});

test("an address without a tab opens the one that has its settings", () => {
  expect(fromFragment("#run=sgd").state.tab).toBe("landscape");
  expect(fromFragment("#inside=step").state.tab).toBe("landscape");
  expect(fromFragment("#rho=0.5").state.tab).toBe("explain");
});

test.each([
  ["rho=2", "rho"],
  ["learning_rate=-1", "learning_rate"],
  ["epsilon=", "epsilon"],
  ["start=1", "start"],
  ["start=1,2,3", "start"],
  ["start=99,0", "start"],
  ["schedule=constant", "schedule"],
  ["step=0", "step"],
  ["step=1.5", "step"],
])("%s is refused", (fragment, word) => {
  const { state, problems } = fromFragment(fragment);
  expect(state.explain).toEqual(EXPLAIN_INITIAL);
  expect(problems).toEqual([expect.stringMatching(`^${word} cannot be`)]);
});

test.each(SLIDER_NAMES)("every place of the slider %s is a value within its bounds, and is found again", (name) => {
  const { last, valueAt, placeOf } = SCALES[name];
  expect([valueAt(0), valueAt(last)]).toEqual(BOUNDS[name]);
  expect(valueAt(placeOf(EXPLAIN_INITIAL[name]))).toBe(EXPLAIN_INITIAL[name]);
  const values = Array.from({ length: last + 1 }, (_, place) => valueAt(place));
  expect(values.toSorted((a, b) => a - b)).toEqual(values);
});
