// "rmsprop" in pages: which engine runs, and steps that have the bits they have in Node.
import { type RMSpropOptions, setEngine } from "rmsprop";
import { describe, expect, test } from "vitest";
import { ISOLATED, useChromium, type Visit } from "./page.js";
import { train } from "./pages/train.js";

const open = useChromium();

const OPTIONS: RMSpropOptions = {
  ...{ momentum: 0.9, centered: true, weightDecay: 0.01, globalClipnorm: 0.5 },
  ...{ useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 },
};

const policy = (text: string) => ({ "Content-Security-Policy": text });

const PLACES: readonly (readonly [string, Omit<Visit, "page">, string])[] = [
  ["that is cross-origin isolated", { headers: ISOLATED }, "wasm"],
  ["that is not isolated", {}, "wasm"],
  ["whose policy allows 'wasm-unsafe-eval'", { headers: policy("script-src 'self' 'wasm-unsafe-eval'") }, "wasm"],
  ["whose policy allows nothing but its own scripts", { headers: policy("script-src 'self'"), expected: [] }, "js"],
];

describe.each(PLACES)("in a page %s", (_, serving, engine) => {
  test(`the engine is ${engine}, and steps have the bits of Node`, async () => {
    setEngine("js");
    const expected = await train(OPTIONS);
    const received = await open({ page: "core", ...serving }, (page) =>
      page.evaluate(
        async (options) => ({ engine: new window.rmsprop.RMSprop().engine, bits: await window.train(options) }),
        OPTIONS,
      ),
    );
    expect(received).toEqual({ engine, bits: expected });
  });

  test("the example of Keras' page prints its number", async () => {
    const text = await open({ page: "core", ...serving }, (page) =>
      page.evaluate(() => {
        const v = new window.rmsprop.Variable(10);
        const loss = () => ({ value: v.item() ** 2 / 2, gradients: [v.item()] });
        new window.rmsprop.RMSprop({ learningRate: 0.1 }).minimize(loss, [v]);
        return `${v}`;
      }),
    );
    expect(text).toBe("9.683772");
  });
});

test("a Float16Array is a gradient: a step has the bits of the same numbers as float32", async () => {
  const [halves, floats] = await open({ page: "core", headers: ISOLATED }, (page) =>
    page.evaluate(() => {
      const { RMSprop, Variable } = window.rmsprop;
      // The types of this test are older than the class.
      const Half: { from(values: ArrayLike<number>): Uint16Array } = Reflect.get(globalThis, "Float16Array");
      const numbers = Array.from({ length: 1001 }, (_, i) => Math.sin(i) * 2 ** ((i % 40) - 25));
      const gradients = [Half.from(numbers), Float32Array.from(Half.from(numbers))];
      return gradients.map((gradient) => {
        const v = new Variable(Float32Array.from(numbers));
        new RMSprop({ clipnorm: 1 }).apply([gradient], [v]);
        return [...v.value];
      });
    }),
  );
  expect(halves).toHaveLength(1001);
  expect(halves).toEqual(floats);
});

const MEMORIES: readonly (readonly [string, Omit<Visit, "page">])[] = [
  ["that threads can share", { headers: ISOLATED }],
  ["of a page that is not isolated", {}],
];

test.each(MEMORIES)("views of memory %s are renewed when it grows, and steps go on", async (_, serving) => {
  const seen = await open({ page: "core", ...serving }, (page) =>
    page.evaluate(async () => {
      const { RMSprop, Variable } = window.rmsprop;
      const variable = new Variable([1, 2, 3]);
      const optimizer = new RMSprop({ learningRate: 0.5, rho: 0 });
      optimizer.apply([Float32Array.of(1, 1, 1)], [variable]);
      const old = variable.value;
      const before = [...old];
      const large = Array.from({ length: 8 }, () => new Variable(new Float32Array(1_000_000).fill(1)));
      const view = variable.value;
      const kept = [...view];
      optimizer.apply([Float32Array.of(1, -1, 1)]);
      const stepped = [...variable.value];
      const alive = large.every(({ value }) => value.length === 1_000_000 && value[999_999] === 1);
      return { renewed: view.buffer !== old.buffer, same: view === variable.value, before, kept, stepped, alive };
    }),
  );
  const { before } = seen;
  expect(before.every((value, i) => Math.abs(value - (i + 0.5)) < 1e-4)).toBe(true);
  expect(seen.stepped.every((value, i) => Math.abs(value - ([0, 2, 2][i] ?? Number.NaN)) < 1e-4)).toBe(true);
  expect(seen).toMatchObject({ renewed: true, same: true, kept: before, alive: true });
});
