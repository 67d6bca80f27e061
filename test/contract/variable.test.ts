// Variables: what they take, what they hold, how they read and print.
import {
  constraints,
  type FloatArray,
  type NestedNumbers,
  Variable,
  type VariableOptions,
  type VariableValue,
} from "rmsprop";
import { describe, expect, test } from "vitest";
import { cpuClock } from "../cpu-time.js";
import { complaintOf, detached, errorOf, onEveryEngine } from "./support.js";

onEveryEngine(() => {
  describe("a new variable", () => {
    const VALUES: readonly (readonly [string, NestedNumbers, readonly number[], readonly number[], string])[] = [
      ["a number", 10, [], [10], "float32"],
      ["a flat array", [1, 2, 3], [3], [1, 2, 3], "float32"],
      [
        "nested arrays",
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [2, 3],
        [1, 2, 3, 4, 5, 6],
        "float32",
      ],
      [
        "deeply nested arrays",
        [
          [[1], [2]],
          [[3], [4]],
        ],
        [2, 2, 1],
        [1, 2, 3, 4],
        "float32",
      ],
      ["rows of typed arrays", [Float32Array.of(1, 2), Float32Array.of(3, 4)], [2, 2], [1, 2, 3, 4], "float32"],
      ["a Float32Array", Float32Array.of(1, 2), [2], [1, 2], "float32"],
      ["a Float64Array", Float64Array.of(0.1, 0.2), [2], [0.1, 0.2], "float64"],
      ["integers", Int32Array.of(1, 2), [2], [1, 2], "float32"],
      ["bytes", Uint8Array.of(1, 255), [2], [1, 255], "float32"],
      ["nothing", [], [0], [], "float32"],
      ["rows of nothing", [[], []], [2, 0], [], "float32"],
    ];
    test.each(VALUES)("holds %s", (_, value, shape, elements, dtype) => {
      const v = new Variable(value);
      expect([v.shape, [...v.value], v.dtype, v.size]).toEqual([shape, elements, dtype, elements.length]);
      expect(v.value).toBeInstanceOf(dtype === "float32" ? Float32Array : Float64Array);
    });

    test("holds a copy", () => {
      const array = Float32Array.of(1, 2);
      const v = new Variable(array);
      array[0] = 77;
      expect(v.toArray()).toEqual([1, 2]);
    });

    test("copies another variable, its shape included, and rounds to its own type", () => {
      const v = new Variable([[0.1, 0.2]], { dtype: "float64", name: "v" });
      const copy = new Variable(v, { dtype: "float32" });
      expect([copy.shape, copy.toArray()]).toEqual([[1, 2], [[Math.fround(0.1), Math.fround(0.2)]]]);
    });

    test("takes a shape, a type, a name and flags", () => {
      const constraint = new constraints.NonNeg();
      const v = new Variable([1, 2, 3, 4, 5, 6], {
        ...{
          shape: [2, 3],
          dtype: "float64",
          name: "kernel",
          trainable: false,
          constraint,
          overwriteWithGradient: true,
        },
      });
      expect(v).toMatchObject({
        ...{ shape: [2, 3], dtype: "float64", name: "kernel", path: "kernel", trainable: false },
        ...{ overwriteWithGradient: true, size: 6, disposed: false },
      });
      expect(v.constraint).toBe(constraint);
      expect(v.toArray()).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]);
    });

    test("has a name that no other one has, unless it is given one", () => {
      const names = [new Variable(1), new Variable(1), new Variable(1)].map(({ name }) => name);
      expect(new Set(names).size).toBe(3);
      for (const name of names) expect(name).toMatch(/^variable(_\d+)?$/);
    });

    test("keeps its shape, whatever becomes of the list it was made with", () => {
      const shape = [2, 1];
      const v = new Variable([1, 2], { shape });
      shape[0] = 7;
      expect(v.shape).toEqual([2, 1]);
    });
  });

  test("value is a live view, and what is written to it is the variable", () => {
    const v = new Variable([1, 2]);
    v.value[0] = 5;
    expect(v.toArray()).toEqual([5, 2]);
    expect(v.value).toBe(v.value);
  });

  test("assign, assignAdd and assignSub take what a new variable takes, and can be chained", () => {
    const v = new Variable([
      [1, 2],
      [3, 4],
    ]);
    const ones = new Variable([
      [1, 1],
      [1, 1],
    ]);
    expect(v.assignAdd([10, 20, 30, 40]).assignSub(ones).toArray()).toEqual([
      [10, 21],
      [32, 43],
    ]);
    expect(v.assign(Float64Array.of(1, 2, 3, 4)).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("assignments round to the variable's type, once", () => {
    const v = new Variable(0.1);
    expect(v.item()).toBe(Math.fround(0.1));
    expect(v.assignAdd(0.2).item()).toBe(Math.fround(Math.fround(0.1) + Math.fround(0.2)));
    const d = new Variable(0.1, { dtype: "float64" });
    expect(d.assignAdd(0.2).item()).toBe(0.1 + 0.2);
  });

  test("item is the only element, whatever the shape", () => {
    for (const value of [5, [5], [[5]]]) expect(new Variable(value).item()).toBe(5);
    expect(new Variable(Number.NaN).item()).toBeNaN();
    for (const value of [[], [1, 2]]) {
      expect(errorOf(() => new Variable(value).item()).message).toBe(
        `Variable: size must be 1 for item(); received size=${value.length}. Use toArray() or value.`,
      );
    }
  });

  test("toArray is a copy", () => {
    const v = new Variable([1, 2]);
    const array = v.toArray() as number[];
    array[0] = 77;
    expect(v.toArray()).toEqual([1, 2]);
  });

  test("toArray of many rows takes time by the elements, not by the elements times the rows", () => {
    const v = new Variable(new Float32Array(400 * 400), { shape: [400, 400] });
    const elapsed = cpuClock();
    expect(v.toArray()).toHaveLength(400);
    // About 5 ms; were each row cut out of a copy of everything, more than 1000.
    expect(elapsed()).toBeLessThan(500);
    v.dispose();
  });

  const TEXTS: readonly (readonly [VariableValue, VariableOptions, string])[] = [
    [9.683772, {}, "9.683772"],
    [0.1, {}, "0.1"],
    [0.1, { dtype: "float64" }, "0.1"],
    [1 / 3, {}, "0.33333334"],
    [1 / 3, { dtype: "float64" }, "0.3333333333333333"],
    [10, {}, "10.0"],
    [-0, {}, "-0.0"],
    [0, {}, "0.0"],
    [1e-7, {}, "1e-07"],
    [1e-45, {}, "1e-45"],
    [0.0001, {}, "0.0001"],
    [0.00001, {}, "1e-05"],
    [16777216, {}, "16777216.0"],
    [123456789, {}, "123456790.0"],
    [1e16, {}, "1e+16"],
    [1.5e16, {}, "1.5e+16"],
    [3.4028234663852886e38, {}, "3.4028235e+38"],
    [Number.NaN, {}, "nan"],
    [Infinity, {}, "inf"],
    [-Infinity, {}, "-inf"],
    [[1, 2.5], {}, "[1.0, 2.5]"],
    [
      [
        [1, 2],
        [3, 4],
      ],
      {},
      "[[1.0, 2.0], [3.0, 4.0]]",
    ],
    [[], {}, "[]"],
    [[[], []], {}, "[[], []]"],
  ];
  test.each(TEXTS)("%s with %s prints as NumPy prints it: %s", (value, options, text) => {
    expect(`${new Variable(value, options)}`).toBe(text);
  });

  describe("is refused", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);

    const VALUES: readonly (readonly [string, unknown, string])[] = [
      ["undefined", undefined, "undefined"],
      ["null", null, "null"],
      ["a string", "1, 2", '"1, 2"'],
      ["a bigint", 1n, "1n"],
      ["true", true, "true"],
      ["an object", { length: 2 }, "an object of Object"],
      ["a promise", Promise.resolve(1), "an object of Promise"],
      ["a buffer", new ArrayBuffer(8), "an object of ArrayBuffer"],
      ["a view without elements", new DataView(new ArrayBuffer(8)), "DataView(0)"],
      ["big integers", BigInt64Array.of(1n), "BigInt64Array(1)"],
      ["a function", () => 1, "function (anonymous)"],
    ];
    test("an array whose memory was transferred as a value", () => {
      const empty = new Variable([]);
      for (const act of [(array: FloatArray) => new Variable(array), (array: FloatArray) => empty.assign(array)]) {
        for (const array of [new Float32Array(2), new Float64Array(2)]) {
          const { message } = errorOf(() => act(detached(array)));
          expect(complaintOf(message)).toMatchObject({ argument: "value", received: "a detached array" });
        }
      }
    });

    test.each(VALUES)("%s as a value", (_, value, received) => {
      const error = errorOf(() => new Variable(value as number));
      expect(error).toBeInstanceOf(TypeError);
      expect(complaintOf(error.message)).toMatchObject({ owner: "Variable", argument: "value", received });
      const v = new Variable([1, 2]);
      for (const method of ["assign", "assignAdd", "assignSub"] as const) {
        const refused = errorOf(() => v[method](value as number));
        expect(complaintOf(refused.message)).toMatchObject({ owner: "Variable", argument: "value" });
      }
      expect(v.toArray()).toEqual([1, 2]);
    });

    const ELEMENTS: readonly (readonly [string, unknown, string])[] = [
      ["a string among numbers", [1, "2"], "value[1]"],
      ["null among numbers", [1, null], "value[1]"],
      ["undefined among numbers", [1, undefined], "value[1]"],
      ["a hole among numbers", Object.assign(new Array(2), { 0: 1 }), "value[1]"],
      ["a bigint among numbers", [1, 2n], "value[1]"],
      ["an object among numbers", [1, {}], "value[1]"],
      [
        "a string in a row",
        [
          [1, 2],
          [3, "4"],
        ],
        "value[3]",
      ],
      ["a number among rows", [[1, 2], 3], "value"],
      ["a row among numbers", [1, [2]], "value[1]"],
      ["rows of different lengths", [[1, 2], [3]], "value"],
      [
        "rows of different depths",
        [
          [1, 2],
          [3, [4]],
        ],
        "value[3]",
      ],
      ["big integers as a row", [[1], BigInt64Array.of(2n)], "value[1]"],
    ];
    test.each(ELEMENTS)("%s", (_, value, argument) => {
      const error = errorOf(() => new Variable(value as number[]));
      expect([RangeError, TypeError]).toContain(error.constructor);
      expect(complaintOf(error.message)).toMatchObject({ owner: "Variable", argument });
    });

    test("more than 64 levels of arrays, NumPy's limit, and so an array that contains itself", () => {
      let deep: unknown = 1;
      for (let level = 0; level < 65; level++) deep = [deep];
      for (const value of [deep, cyclic]) {
        const error = errorOf(() => new Variable(value as number[]));
        expect(complaintOf(error.message)).toMatchObject({ owner: "Variable", argument: "value" });
      }
    });

    const OPTIONS: readonly (readonly [string, unknown, string])[] = [
      ["another number of elements", { shape: [2, 2] }, "shape"],
      ["a huge shape", { shape: [1e9, 1e9] }, "shape"],
      ["a shape that is a number", { shape: 3 }, "shape"],
      ["a shape that is a string", { shape: "3" }, "shape"],
      ["a negative length", { shape: [-3] }, "shape[0]"],
      ["a fraction of a length", { shape: [1.5, 2] }, "shape[0]"],
      ["a length that is a string", { shape: ["3"] }, "shape[0]"],
      ["a length that is unknown", { shape: [null, 3] }, "shape[0]"],
      ["half precision", { dtype: "float16" }, "dtype"],
      ["integers", { dtype: "int32" }, "dtype"],
      ["a type in capitals", { dtype: "Float32" }, "dtype"],
      ["a constructor as type", { dtype: Float32Array }, "dtype"],
      ["a name with a slash", { name: "dense/kernel" }, "name"],
      ["a name that is no string", { name: 7 }, "name"],
      ["trainable as a number", { trainable: 1 }, "trainable"],
      ["overwriteWithGradient as a string", { overwriteWithGradient: "yes" }, "overwriteWithGradient"],
      ["a constraint by name", { constraint: "NonNeg" }, "constraint"],
      ["a constraint that is an object", { constraint: { maxValue: 2 } }, "constraint"],
      ["a constraint's class", { constraint: constraints.NonNeg }, "constraint"],
      ["a class of one's own", { constraint: class Own {} }, "constraint"],
      ["a constraint for axes that it lacks", { constraint: new constraints.MaxNorm({ axis: 1 }) }, "axis"],
      ["an unknown option", { shapes: [3] }, "shapes"],
      ["an option in snake_case", { overwrite_with_gradient: true }, "overwrite_with_gradient"],
      ["a type instead of options", "float32", "options"],
      ["a shape instead of options", [3], "options"],
      ["null instead of options", null, "options"],
    ];
    test.each(OPTIONS)("%s", (_, options, argument) => {
      const error = errorOf(() => new Variable([1, 2, 3], options as VariableOptions));
      expect([RangeError, TypeError]).toContain(error.constructor);
      expect(complaintOf(error.message)).toMatchObject({ argument });
    });

    test("the class of a constraint, with what is meant", () => {
      const options = { constraint: constraints.NonNeg } as unknown as VariableOptions; // the type refuses it, too
      expect(errorOf(() => new Variable([1], options)).message).toBe(
        "Variable: constraint must be a Constraint, a function or null; received constraint=function NonNeg. Make one with new.",
      );
    });

    const SHAPES: readonly (readonly [string, NestedNumbers])[] = [
      ["a number", 1],
      ["too few numbers", [1, 2, 3]],
      ["too many numbers", [1, 2, 3, 4, 5]],
      [
        "rows the other way round",
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ],
      ["as many numbers in another shape", [[1, 2, 3, 4]]],
    ];
    test.each(SHAPES)("an assignment of %s to the shape [2,2]", (_, value) => {
      const v = new Variable([1, 2, 3, 4], { shape: [2, 2], name: "kernel" });
      for (const method of ["assign", "assignAdd", "assignSub"] as const) {
        const error = errorOf(() => v[method](value));
        expect(error).toBeInstanceOf(RangeError);
        expect(complaintOf(error.message)).toMatchObject({
          ...{ owner: "Variable", argument: "value", remedy: "Reshape it." },
          requirement: "have the shape [2,2] of kernel, or its 4 elements in one flat array",
        });
      }
      expect([...v.value]).toEqual([1, 2, 3, 4]);
    });
  });
});
