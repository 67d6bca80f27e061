// Gradients of two bytes a number: a step with them is, in every bit, the step with the same numbers as float32.
import { type Gradient, LossScaleOptimizer, RMSprop, type RMSpropOptions, Variable } from "rmsprop";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ALL_HALVES, FORMATS, floatBitsOf, floatsOf, type HalfFormat, someHalves, wordsOf } from "../half.js";
import { complaintOf, errorOf, hostOf, numbersOf, onEveryEngine, readState, refusalOf, settled } from "./support.js";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  return () => vi.restoreAllMocks();
});

const OPTIONS: readonly (readonly [string, RMSpropOptions])[] = [
  ["nothing else", {}],
  ["clipnorm", { clipnorm: 0.5 }],
  ["globalClipnorm and a loss scale", { globalClipnorm: 0.5, lossScaleFactor: 8 }],
  ["clipvalue, decay and a norm", { clipvalue: 0.01, weightDecay: 0.1, trackNorm: true }],
  [
    "everything",
    {
      ...{ momentum: 0.9, centered: true, weightDecay: 0.1, clipnorm: 0.5, useEma: true, emaOverwriteFrequency: 1 },
      ...{ gradientAccumulationSteps: 2 },
    },
  ],
];

const INFINITE = { float16: 0x7c00, bfloat16: 0x7f80 } as const;

/** Odd and even, within a block and beyond one. */
const LENGTHS = [1, 2, 5, 16_384, 16_387];

/** Three steps over variables of all lengths, with gradients that `gradientOf` makes of numbers of two bytes. */
async function trained(
  format: HalfFormat,
  options: RMSpropOptions,
  gradientOf: (halves: Uint16Array) => Gradient,
): Promise<object> {
  const variables = LENGTHS.map((length, i) => new Variable(numbersOf(i + 1, length), { name: `v${i}` }));
  const optimizer = new RMSprop({ learningRate: 0.01, ...options });
  for (let step = 0; step < 3; step++) {
    optimizer.apply(
      LENGTHS.map((length, i) => gradientOf(someHalves(format, 10 * step + i, length))),
      variables,
    );
  }
  const norm = await optimizer.gradientNorm;
  return { norm, ...(await readState(optimizer, variables)) };
}

onEveryEngine(() => {
  describe.each(FORMATS)("%s", (format) => {
    const half = (data: Uint16Array): Gradient => ({ data, format });
    const asFloats = (data: Uint16Array): Gradient => floatsOf(format, data);

    test("each of the 65,536 values is its float32 number, subnormal numbers and NaN with its bits included", async () => {
      const v = new Variable(new Float32Array(2 ** 16), { overwriteWithGradient: true });
      new RMSprop().apply([half(ALL_HALVES)], [v]);
      const words = wordsOf((await hostOf(v)).value as Float32Array); // as it was made
      const wrong = ALL_HALVES.filter((value) => words[value] !== floatBitsOf(format, value));
      expect(Array.from(wrong, (value) => [value, words[value]?.toString(16)])).toEqual([]);
    });

    test.each(OPTIONS)("steps with %s have the bits of float32 gradients", async (_, options) => {
      expect(await trained(format, options, half)).toEqual(await trained(format, options, asFloats));
    });

    test("one that is not finite leaves a step out, and halves the loss scale", async () => {
      for (const bits of [INFINITE[format], 0xffff]) {
        const v = new Variable([1, 2, 3]);
        const optimizer = new LossScaleOptimizer(new RMSprop(), { initialScale: 64 });
        optimizer.apply([half(Uint16Array.of(0, 0, bits))], [v]);
        await settled(optimizer);
        expect([optimizer.iterations, optimizer.dynamicScale]).toEqual([0, 32]);
        expect((await hostOf(v)).toArray()).toEqual([1, 2, 3]);
      }
    });

    test("the same array with other numbers is read anew, and so is another one", async () => {
      const [v, twin] = [new Variable([1, 2, 3], { name: "v" }), new Variable([1, 2, 3], { name: "v" })];
      const [optimizer, other] = [new RMSprop(), new RMSprop()];
      const data = someHalves(format, 1, 3);
      for (const seed of [1, 2, 3]) {
        data.set(someHalves(format, seed, 3));
        for (const each of [data, someHalves(format, seed + 9, 3)]) {
          optimizer.apply([half(each)], [v]);
          other.apply([floatsOf(format, each)], [twin]);
        }
      }
      expect(await readState(optimizer, [v])).toEqual(await readState(other, [twin]));
    });
  });

  describe.each(FORMATS)("of %s", (format) => {
    test("arrays of the user's are trained as with float32 gradients, and statelessApply takes them", () => {
      const halves = someHalves(format, 3, 40_001);
      const [v, twin] = [numbersOf(1, 40_001), numbersOf(1, 40_001)];
      const [optimizer, other] = [new RMSprop(), new RMSprop()];
      optimizer.apply([{ data: halves, format }], [v]);
      other.apply([floatsOf(format, halves)], [twin]);
      expect(v).toEqual(twin);
      // Copies: a view may lose its memory in the first call.
      const state = optimizer.variables.map(({ value }) => (ArrayBuffer.isView(value) ? value.slice() : value));
      expect(optimizer.statelessApply(state, [{ data: halves, format }], [v])).toEqual(
        other.statelessApply(state, [floatsOf(format, halves)], [v]),
      );
    });

    test.each([
      ["the memory of its variable", 0],
      ["memory across two variables", 60],
    ])("one that lies in %s is read as it was before the step", (_, at) => {
      const memory = numbersOf(7, 200);
      const variables = [memory.subarray(0, 100), memory.subarray(100)];
      const data = new Uint16Array(memory.buffer, 4 * at, 100);
      const halves = data.slice().map((each) => each & 0xbfff); // no number is too large
      data.set(halves);
      const twins = variables.map((variable) => variable.slice());
      new RMSprop().apply([floatsOf(format, halves), floatsOf(format, halves)], twins);
      new RMSprop().apply(
        variables.map(() => ({ data, format })),
        variables,
      );
      expect(variables.map((variable) => variable.slice())).toEqual(twins);
    });

    test("one that lies in the memory of a Variable is read as it was before the step, though memory grows", () => {
      const [v, w] = [new Variable(numbersOf(1, 100)), new Variable(numbersOf(2, 100))];
      const { buffer, byteOffset } = w.value;
      const data = new Uint16Array(buffer, byteOffset, 100);
      data.forEach((each, i) => {
        data[i] = each & 0xbfff;
      });
      const halves = data.slice();
      const [a, b] = [new Variable(v), new Variable(w)];
      const again = new Uint16Array(w.value.buffer, w.value.byteOffset, 100);
      new RMSprop().apply(
        [
          { data: again, format },
          { data: again, format },
        ],
        [v, w],
      );
      new RMSprop().apply([floatsOf(format, halves), floatsOf(format, halves)], [a, b]);
      expect([v, w].map(({ value }) => value.slice())).toEqual([a, b].map(({ value }) => value.slice()));
    });
  });

  const bits = new Uint16Array(3);

  test.each([
    ["bits without a format", bits, TypeError, "gradients[0]", "Uint16Array(3)", "Say what its bits are: { data"],
    ["an unknown format", { data: bits, format: "float8" }, RangeError, "gradients[0].format", '"float8"', "Pass one"],
    ["no format", { data: bits, format: undefined }, TypeError, "gradients[0].format", "undefined", "Pass one"],
    ["no data", { format: "float16" }, TypeError, "gradients[0].data", "undefined", "new Uint16Array(buffer)"],
    [
      ...(["floats as bits", { data: new Float32Array(3), format: "float16" }, TypeError] as const),
      ...(["gradients[0].data", "Float32Array(3)", "new Uint16Array(buffer)"] as const),
    ],
    ["a wrong name", { bits, format: "float16" }, TypeError, "bits", "Uint16Array(3)", "data"],
    [
      ...(["too few", { data: new Uint16Array(2), format: "bfloat16" }, RangeError] as const),
      ...(["gradients[0]", "shape [2]", ""] as const),
    ],
  ] as const)("%s is refused, and nothing has changed", async (_, gradient, kind, argument, received, remedy) => {
    const v = new Variable([1, 2, 3], { name: "w" });
    const error = await refusalOf(() => new RMSprop().apply([gradient as Gradient], [v])); // which may be of a wrong type
    expect((await hostOf(v)).toArray()).toEqual([1, 2, 3]);
    expect(error.constructor).toBe(kind);
    expect(complaintOf(error.message)).toMatchObject({ argument, received, remedy: expect.stringContaining(remedy) });
  });

  test("a float64 variable, and memory that is gone, are refused", () => {
    const apply = (data: Uint16Array, v: Variable) => () => new RMSprop().apply([{ data, format: "bfloat16" }], [v]);
    expect(errorOf(apply(bits, new Variable([1, 2, 3], { dtype: "float64", name: "w" }))).message).toBe(
      "RMSprop: gradients[0] must be float64 as its variable w; received gradients[0]=bfloat16. Convert its numbers to a Float64Array.",
    );
    const gone = new Uint16Array(3);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(errorOf(apply(gone, new Variable([1, 2, 3]))).message).toContain("a detached array");
  });
});
