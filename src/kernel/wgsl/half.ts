// Numbers of two bytes in WGSL, two a word: how one of an array is loaded. What they are is in rule/half.ts.
import { type BitOps, type HalfFormat, widened } from "../../rule/half.js";

/** `Lines` of a function body, as far as they are written here. */
interface Body {
  readonly lines: readonly string[];
  let(expression: string): string;
}

/** Element `i` of an array, as an f32. With a format it is an `array<u32>`, and `loading` has to be there. */
export function load(name: string, i: string, format: HalfFormat | null): string {
  return format === null ? `${name}[${i}]` : `widened((${name}[${i} >> 1u] >> ((${i} & 1u) * 16u)) & 0xffffu)`;
}

/** The function that `load` calls: whole numbers alone, since a device may round, or lose subnormal numbers and NaN. */
export function loading(format: HalfFormat | null, body: Body): string[] {
  if (format === null) return [];
  const word = widened(bitOps(body), format, "half");
  return ["fn widened(half: u32) -> f32 {", ...body.lines, `  return bitcast<f32>(${word});`, "}"];
}

/** The type of an array's elements. */
export const elementOf = (format: HalfFormat | null): string => (format === null ? "f32" : "u32");

function bitOps(body: Body): BitOps<string> {
  return {
    constant: (bits) => `${bits >>> 0}u`,
    and: (a, b) => body.let(`${a} & ${b}`),
    or: (a, b) => body.let(`${a} | ${b}`),
    add: (a, b) => body.let(`${a} + ${b}`),
    shiftLeft: (a, by) => body.let(`${a} << ${by}u`),
    ifLess: (a, b, yes, no) => body.let(`select(${no}, ${yes}, ${a} < ${b})`),
    floatOf: (a) => body.let(`bitcast<u32>(f32(${a}))`),
  };
}
