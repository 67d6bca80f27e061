import { describe, expect, test } from "vitest";
import * as constraints from "./index.js";

interface BuiltIn {
  readonly className: string;
  fromConfig(config: object): constraints.Constraint;
}

// Keras 3.15.1 on variables of that shape with x[i] = (i * 7919 % 1013) / 1013 - 0.5: FNV-1a of the 32-bit words of the
// result. float32 by the numpy backend as it is; float64 with its promotion table as on TensorFlow, as the numpy
// backend computes constraints of float64 variables in float32.
const KERAS: readonly (readonly [BuiltIn, object, readonly number[], string, string])[] = [
  [constraints.MaxNorm, {}, [2, 3], "b31f8c79", "f73c8f73"],
  [constraints.MaxNorm, { max_value: 0.1, axis: -1 }, [3, 129], "1c19e14c", "c468cf3e"],
  [constraints.MaxNorm, { max_value: 0.5, axis: [0, 1, 2] }, [3, 3, 5, 7], "a95a1f23", "1c4c12a5"],
  [constraints.MaxNorm, { max_value: 0.3, axis: [0, 2] }, [3, 4, 130], "9c94626f", "4418d929"],
  [constraints.MaxNorm, { max_value: 0.2, axis: null }, [5, 201], "cb914abd", "4f09b0d4"],
  [constraints.MaxNorm, { max_value: 0.2, axis: [] }, [9], "1338c671", "a11cce34"],
  [constraints.UnitNorm, {}, [100, 3], "0fb99872", "eb6e6ad4"],
  [constraints.UnitNorm, { axis: [1, -1] }, [4, 3, 2, 9], "b829bb02", "b73a31e5"],
  [constraints.UnitNorm, { axis: 0 }, [], "6f739fbb", "b95da53a"],
  [constraints.UnitNorm, { axis: 1 }, [3, 0], "811c9dc5", "811c9dc5"],
  [constraints.UnitNorm, { axis: [0, 2] }, [7, 1, 33], "c222a701", "20c066c2"],
  [constraints.MinMaxNorm, {}, [4, 4], "bc649229", "5e2afeab"],
  [
    constraints.MinMaxNorm,
    { min_value: 0.5, max_value: 0.75, rate: 0.3, axis: [1, 3] },
    [2, 17, 3, 8],
    "3944cef0",
    "09b82cd1",
  ],
  [constraints.MinMaxNorm, { min_value: 8, max_value: 9, rate: 0.9, axis: 1 }, [2, 260], "3366180d", "10674e1c"],
  [constraints.NonNeg, {}, [3, 5], "1d0a097b", "bc4c422c"],
];

// Keras' bits, NaN as "nan", for this float32 [2, 4] array.
const EDGES = Float32Array.of(3, -4, 0, -0, 1e-4, 1e30, Number.POSITIVE_INFINITY, Number.NaN);
const KERAS_EDGES: readonly (readonly [BuiltIn, object, string])[] = [
  [constraints.NonNeg, {}, "40400000 00000000 00000000 00000000 38d1b717 7149f2ca 7f800000 nan"],
  [constraints.MaxNorm, { axis: 0 }, "40000000 80000000 00000000 nan 388bcf65 00000000 nan nan"],
  [constraints.MaxNorm, { axis: 1 }, "3f99999a bfcccccd 00000000 80000000 nan nan nan nan"],
  [constraints.UnitNorm, { axis: 0 }, "3f800000 80000000 00000000 nan 380bcf65 00000000 nan nan"],
  [constraints.MinMaxNorm, { axis: 0, rate: 0.5 }, "40000000 nan nan nan 388bcf65 nan nan nan"],
  [constraints.MinMaxNorm, { axis: 0 }, "3f800000 nan nan nan 380bcf65 nan nan nan"],
];

const DEFAULTS: readonly (readonly [BuiltIn, string])[] = [
  [constraints.NonNeg, "{}"],
  [constraints.MaxNorm, '{"max_value":2,"axis":0}'],
  [constraints.UnitNorm, '{"axis":0}'],
  [constraints.MinMaxNorm, '{"min_value":0,"max_value":1,"rate":1,"axis":0}'],
];

const hex = (word: number): string => word.toString(16).padStart(8, "0");
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
const pattern = (_: unknown, i: number): number => ((i * 7919) % 1013) / 1013 - 0.5;
const hashOf = ({ buffer }: { readonly buffer: ArrayBufferLike }): string =>
  hex(new Uint32Array(buffer).reduce((hash, word) => Math.imul(hash ^ word, 16777619) >>> 0, 2166136261));

describe("the four constraints", () => {
  test.each(KERAS)("%o of %o on shape %o equals Keras in every bit", (type, config, shape, float32, float64) => {
    const constraint = type.fromConfig(config);
    const length = sizeOf(shape);
    expect(hashOf(constraint.call(Float32Array.from({ length }, pattern), shape))).toBe(float32);
    expect(hashOf(constraint.call(Float64Array.from({ length }, pattern), shape))).toBe(float64);
  });

  test.each(KERAS_EDGES)("%o of %o has Keras' zeros, infinities and NaNs", (type, config, bits) => {
    const result = type.fromConfig(config).call(EDGES, [2, 4]);
    const words = new Uint32Array(result.buffer);
    expect(Array.from(words, (word, i) => (Number.isNaN(result[i]) ? "nan" : hex(word))).join(" ")).toBe(bits);
  });

  test.each(DEFAULTS)("%o has Keras' defaults and config", (type, config) => {
    expect(JSON.stringify(type.fromConfig({}).getConfig())).toBe(config);
    expect(JSON.stringify(type.fromConfig(JSON.parse(config)).getConfig())).toBe(config);
    expect(Object.entries(constraints)).toContainEqual([type.className, type]);
  });

  test.each(DEFAULTS)("%o returns a new array of the same type and leaves the old one alone", (type) => {
    const value = Float64Array.of(1, -2, 3, -4);
    const result = type.fromConfig({}).call(value, [2, 2]);
    expect(result).toBeInstanceOf(Float64Array);
    expect(result).not.toBe(value);
    expect([...value]).toEqual([1, -2, 3, -4]);
  });
});

describe("bad arguments", () => {
  test.each<[BuiltIn, object, ErrorConstructor, string]>([
    [
      constraints.NonNeg,
      { axis: 0 },
      TypeError,
      "NonNeg: axis must be a known argument; received axis=0. Known are: none.",
    ],
    [
      constraints.MaxNorm,
      { max_value: -1 },
      RangeError,
      "MaxNorm: maxValue must be a finite number >= 0; received maxValue=-1.",
    ],
    [constraints.MaxNorm, { max_value: "2" }, TypeError, "MaxNorm: maxValue must be a finite number"],
    [constraints.MaxNorm, { maxvalue: 2 }, TypeError, "Did you mean max_value?"],
    [constraints.MaxNorm, { axis: 0.5 }, RangeError, "MaxNorm: axis must be an integer; received axis=0.5."],
    [constraints.MaxNorm, { axis: "0" }, TypeError, "MaxNorm: axis must be an integer"],
    [
      constraints.UnitNorm,
      { axis: [0, true] },
      TypeError,
      "UnitNorm: axis[1] must be an integer; received axis[1]=true.",
    ],
    [
      constraints.MinMaxNorm,
      { min_value: 2, max_value: 1 },
      RangeError,
      "MinMaxNorm: maxValue must be a finite number >= 2",
    ],
    [constraints.MinMaxNorm, { min_value: -1 }, RangeError, "MinMaxNorm: minValue must be a finite number >= 0"],
    [constraints.MinMaxNorm, { rate: 1.5 }, RangeError, "MinMaxNorm: rate must be a finite number from 0 to 1"],
  ])("%o of %o is refused", (type, config, error, message) => {
    expect(() => type.fromConfig(config)).toThrow(error);
    expect(() => type.fromConfig(config)).toThrow(message);
  });

  test.each<[constraints.Axis, readonly number[], string]>([
    [
      2,
      [2, 3],
      "MaxNorm: axis must name axes of the shape [2, 3], each once; received axis=2. A variable with 2 axes has 0 to 1, or -2 to -1.",
    ],
    [-3, [2, 3], "received axis=-3"],
    [[0, -2], [2, 3], "received axis=-2"],
    [1, [], "received axis=1. A variable with 0 axes has none."],
    [[0], [], "received axis=0"],
  ])("axis %o does not fit shape %o", (axis, shape, message) => {
    const constraint = new constraints.MaxNorm({ axis });
    expect(() => constraint.checkShape(shape)).toThrow(message);
    expect(() => constraint.call(new Float32Array(sizeOf(shape)), shape)).toThrow(message);
  });

  test("a shape of another size is refused", () => {
    const call = () => new constraints.UnitNorm().call(new Float32Array(5), [2, 3]);
    expect(call).toThrow(
      "UnitNorm: value must hold the 6 elements of the shape [2, 3]; received value=Float32Array(5).",
    );
  });
});

test("a constraint of one's own needs nothing but call", () => {
  class Halve extends constraints.Constraint {
    override call(value: Float32Array | Float64Array): Float32Array | Float64Array {
      return value.map((weight: number) => weight / 2);
    }
  }
  expect([...new Halve().call(Float32Array.of(2, 4))]).toEqual([1, 2]);
  expect(new Halve().getConfig()).toEqual({});
  expect(Halve.fromConfig({})).toBeInstanceOf(Halve);
  expect(() => new Halve().checkShape([2])).not.toThrow();
});
