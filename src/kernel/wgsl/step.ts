// kernel/wgsl/: from a plan to the text of a WGSL shader. Pure: it runs nothing.
//
// Plan -> WGSL: one pass over the arrays of one variable, in float32. The sums that norms need are in sum.ts.
import type { HalfFormat } from "../../rule/half.js";
import { globalScale, normLimit } from "../../rule/norm.js";
import type { Ops } from "../../rule/ops.js";
import type { Plan } from "../../rule/plan.js";
import type { Rule } from "../../rule/rule.js";
import { type StepInputs, type StepScalars, step } from "../../rule/step.js";
import { elementOf, load, loading } from "./half.js";

/** Threads of a workgroup; every device has as many. */
export const WORKGROUP = 256;

/** Elements that one workgroup of a step takes: each thread takes several, a workgroup apart. */
export const STEP_SPAN: number = 4 * WORKGROUP;

/** Where things are bound, all in group 0. The arrays of the plan come first, in its order, then `sums` if it is used. */
export const BINDINGS = { scalars: 0, part: 1, arrays: 2 } as const;

/** What a kernel reads besides the plan's arrays. */
export interface StepVariant {
  /** The kernel does nothing when the finite check says so, and takes the loss scale from the device. */
  readonly guarded: boolean;
  /** That of the gradient, if it has two bytes a number; it is float32 otherwise. */
  readonly format?: HalfFormat | null | undefined;
}

/** The scalars of every plan of a rule in one order: the uniform block that all kernels of an optimizer share. */
export function scalarNames(rule: Rule): readonly string[] {
  return [...new Set(["learningRate", ...rule.scalars, ...STAGE_SCALARS])];
}

const STAGE_SCALARS = [
  ...["lossScale", "accumulationSteps", "clipnorm", "clipvalue", "minusClipvalue", "globalClipnorm"],
  ...["inverseGlobalClipnorm", "weightDecay", "emaMomentum", "oneMinusEmaMomentum"],
];

/** Whether the step reads `sums`, which then is one more storage buffer. */
export const readsSums = (plan: Plan, { guarded }: StepVariant): boolean => guarded || plan.rowScalar !== null;

/** The kernel `main` of a step over `part.count` elements, `STEP_SPAN` a workgroup. */
export function stepShader(plan: Plan, variant: StepVariant): string {
  const body = new Lines();
  const op = wgslOps(body);
  const k = stepScalars(plan, variant, op, body);
  const inLoop = new Lines("    ");
  const formatOf = (name: string): HalfFormat | null => (name === "gradient" && variant.format) || null;
  const loaded = (name: string, i: number): string => inLoop.let(load(arrayName(name, i), "i", formatOf(name)));
  const x = Object.fromEntries(plan.arrays.map((name, i) => [name, loaded(name, i)]));
  const outputs = step(wgslOps(inLoop), plan, x as StepInputs<string>, k as StepScalars<string>); // what the plan lists
  const stores = Object.entries(outputs).map(([name, value]) => {
    return `    ${arrayName(name, plan.arrays.indexOf(name))}[i] = ${value};`;
  });
  return [
    scalarsBinding(plan.rule),
    bindingsOf("count: u32, sum: u32", plan.arrays.map(arrayName), {
      ...{ usesSums: readsSums(plan, variant), formats: plan.arrays.map(formatOf) },
    }),
    HELPERS,
    ...loading(variant.format ?? null, new Lines()),
    elementwiseMain(variant, body.lines, [...inLoop.lines, ...stores]),
  ].join("\n");
}

/** `main` over `part.count` elements, `STEP_SPAN` a workgroup: `inLoop` is done for each index `i`. */
export function elementwiseMain(
  { guarded }: StepVariant,
  before: readonly string[],
  inLoop: readonly string[],
): string {
  return [
    `@compute @workgroup_size(${WORKGROUP})`,
    "fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {",
    ...(guarded ? [GUARD] : []),
    ...before,
    `  for (var turn = 0u; turn < ${STEP_SPAN / WORKGROUP}u; turn++) {`,
    `    let i = group.x * ${STEP_SPAN}u + turn * ${WORKGROUP}u + lane;`,
    "    if (i >= part.count) { return; }",
    ...inLoop,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Ends a kernel when the finite check says so. */
export const GUARD = "  if (sums.skip != 0u) { return; }";

/** The scalars of the plan as they are read in a kernel, the row's own one made of its sum. */
function stepScalars(plan: Plan, { guarded }: StepVariant, op: Ops<string>, body: Lines): Record<string, string> {
  const k = scalarReads(plan.rule, guarded);
  if (guarded) {
    // The host does not know yet whether an update was made.
    k.emaMomentum = body.let(`select(${k.emaMomentum}, 0f, (sums.calls | sums.callsHigh) == 0u)`);
    k.oneMinusEmaMomentum = op.sub(op.constant(1), k.emaMomentum);
  }
  if (plan.rowScalar === null) return k;
  const sum = body.let("sums.values[part.sum]");
  const { clipnorm = "", globalClipnorm = "", inverseGlobalClipnorm = "" } = k;
  const own = {
    normLimit: () => normLimit(op, sum, clipnorm),
    globalScale: () => globalScale(op, sum, { globalClipnorm, inverseGlobalClipnorm }),
  };
  return { ...k, [plan.rowScalar]: own[plan.rowScalar]() };
}

/** The block of all scalars of a rule. */
export function scalarsBinding(rule: Rule): string {
  const members = scalarNames(rule).map((name, i) => `  ${scalarName(name, i)}: f32,`);
  const binding = `@group(0) @binding(${BINDINGS.scalars}) var<uniform> k: Scalars;`;
  return ["struct Scalars {", ...members, "}", binding].join("\n");
}

/** Every scalar of a rule by name, as it is read; of a guarded step, the device has the loss scale. */
export function scalarReads(rule: Rule, guarded: boolean): Record<string, string> {
  const k = Object.fromEntries(scalarNames(rule).map((name, i) => [name, `k.${scalarName(name, i)}`]));
  return guarded ? { ...k, lossScale: USED_SCALE } : k;
}

const USED_SCALE = "sums.usedScale";

/** What a kernel binds besides scalars: the numbers of its dispatch, arrays, and `sums`. */
export function bindingsOf(
  part: string,
  arrays: readonly string[],
  { usesSums, formats = [] }: { readonly usesSums: boolean; readonly formats?: readonly (HalfFormat | null)[] },
): string {
  return [
    `struct Part { ${part} }`,
    `@group(0) @binding(${BINDINGS.part}) var<uniform> part: Part;`,
    // All writable: arrays that share a buffer could not be bound as both kinds in one dispatch.
    ...arrays.map(
      (name, i) =>
        `@group(0) @binding(${BINDINGS.arrays + i}) var<storage, read_write> ${name}: array<${elementOf(formats[i] ?? null)}>;`,
    ),
    ...(usesSums ? [sumsBinding(BINDINGS.arrays + arrays.length)] : []),
  ].join("\n");
}

/**
 * Numbers that stay on the device: sums by row, and what the finite check has decided. `scale` is a float32 in bits; counts
 * are in two words, the lower one first.
 */
export function sumsBinding(binding: number): string {
  return `struct Sums {
  skip: u32, usedScale: f32, usedFactor: f32, scale: u32,
  steps: u32, stepsHigh: u32, calls: u32, callsHigh: u32,
  values: array<f32>,
}
@group(0) @binding(${binding}) var<storage, read_write> sums: Sums;`;
}

/** Words of `Sums` before its values. */
export const SUMS_HEADER = { scale: 3, steps: 4, calls: 6, length: 8 } as const;

/** Names of users' own slots and scalars need not be names of WGSL: the number keeps them apart. */
export const arrayName = (name: string, index: number): string => `x${index}_${plain(name)}`;
const scalarName = (name: string, index: number): string => `k${index}_${plain(name)}`;
const plain = (name: string): string => name.replace(/^stage\//, "").replace(/\W/g, "_");

/** WGSL lets a compiler assume that no number is NaN or infinite: where the rule means them, look at the bits. */
export const HELPERS = `fn isNaN(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u; }
fn least(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, isNaN(b)), a, isNaN(a)); }
fn greatest(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, isNaN(b)), a, isNaN(a)); }
fn within(a: f32, low: f32, high: f32) -> f32 {
  return select(select(select(a, high, a > high), low, a < low), a, isNaN(a));
}
fn isAtMost(a: f32, b: f32) -> bool { return a <= b && !isNaN(a) && !isNaN(b); }
fn zeroOrNaN(a: f32) -> f32 {
  let bits = bitcast<u32>(a);
  return select(0f, bitcast<f32>(bits | 0x7fc00000u), (bits & 0x7f800000u) == 0x7f800000u);
}`;

/** Lines of a function body; every operation is one, and its result has a name. */
export class Lines {
  readonly lines: string[] = [];
  readonly #indent: string;

  constructor(indent = "  ") {
    this.#indent = indent;
  }

  /** A new name for the value of an expression. */
  let(expression: string): string {
    const name = `${this.#indent.length > 2 ? "t" : "s"}${this.lines.length}`;
    this.lines.push(`${this.#indent}let ${name} = ${expression};`);
    return name;
  }
}

/** `Ops` over names: each operation is a line, so that no expression groups what the rule does not group. */
export function wgslOps(lines: Lines): Ops<string> {
  const infix = (sign: string) => (a: string, b: string) => lines.let(`${a} ${sign} ${b}`);
  const call =
    (name: string) =>
    (...operands: string[]) =>
      lines.let(`${name}(${operands.join(", ")})`);
  return {
    constant: literal,
    add: infix("+"),
    // Of a number itself, NaN is what is meant: a compiler may take the difference for 0.
    sub: (a, b) => (a === b ? lines.let(`zeroOrNaN(${a})`) : lines.let(`${a} - ${b}`)),
    mul: infix("*"),
    // A device need not divide well by numbers above 2^126, and the loss scale may be one: see `decideShader`.
    div: (a, b) => lines.let(b === USED_SCALE ? `(${a} * sums.usedFactor) / ${b}` : `${a} / ${b}`),
    sqrt: call("sqrt"),
    abs: call("abs"),
    min: call("least"),
    max: call("greatest"),
    clamp: call("within"),
    lessOrEqual: call("isAtMost"),
    select: (mask, yes, no) => lines.let(`select(${no}, ${yes}, ${mask})`),
  };
}

/** WGSL has no literal for numbers that are not finite, and folds a constant expression that gives one into an error. */
function literal(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) {
    throw new RangeError(
      `WGSL: a constant must be finite in float32; received constant=${value}. Pass it as a scalar.`,
    );
  }
  return Object.is(rounded, -0) ? "-0f" : `${rounded}f`;
}
