// The project "growing memory" does what its name says.
import { setEngine, Variable } from "rmsprop";
import { expect, test } from "vitest";

test("a view that is kept is gone after the next call, but only there", () => {
  setEngine("wasm");
  const variable = new Variable([1, 2, 3]);
  const { value } = variable;
  variable.assign([4, 5, 6]);
  expect(value.length).toBe(process.env.RMSPROP_TESTED === "wasm" ? 0 : 3);
  expect([...variable.value]).toEqual([4, 5, 6]);
});
