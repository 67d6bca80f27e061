// Plan -> WGSL: sums over one gradient in NumPy's pairwise order, and what is decided from them on the device. The same
// tree as rule/pairwise.ts: its eight running sums are eight threads here, its branches the passes that follow.
import type { HalfFormat } from "../../rule/half.js";
import { arraysOfSum, type Summand, summandOf } from "../../rule/norm.js";
import { RUNNING_SUMS } from "../../rule/pairwise.js";
import type { Plan } from "../../rule/plan.js";
import type { StepInputs, StepScalars } from "../../rule/step.js";
import { load, loading } from "./half.js";
import { joinedRunning, LEAF_AT } from "./pairwise.js";
import {
  arrayName,
  BINDINGS,
  bindingsOf,
  elementwiseMain,
  GUARD,
  HELPERS,
  Lines,
  type StepVariant,
  scalarReads,
  scalarsBinding,
  sumsBinding,
  WORKGROUP,
  wgslOps,
} from "./step.js";

/** What is summed: the squares of a gradient, 1 for each element that is not finite, or sums that were taken before. */
export type SumSource = Summand | "sums";

/** Eight threads take a leaf, a workgroup 32 leaves, which is five levels of the tree. */
export const LEAVES: number = WORKGROUP / RUNNING_SUMS;
export const LEAF_LEVELS: number = Math.log2(LEAVES);

/** Sums that one workgroup of `joinShader` joins: nine levels of the tree. */
export const JOINED: number = 2 * WORKGROUP;

/** The arrays that a sum reads, in the order of their bindings. */
export function arraysOfSource(source: SumSource, plan: Plan): readonly string[] {
  return source === "sums" ? [] : arraysOfSum(source, plan);
}

/**
 * The kernel `main` of the first pass: workgroup g leaves the sum of its leaves, counted from the left at the depth
 * `part.depth`, in `sums.values[part.to + g]`. Empty leaves are 0, which changes no sum of numbers that are not negative.
 */
export function leavesShader(source: SumSource, plan: Plan, variant: StepVariant): string {
  const names = arraysOfSource(source, plan);
  return [
    scalarsBinding(plan.rule),
    bindingsOf("start: u32, length: u32, depth: u32, to: u32", names.map(arrayName), {
      ...{ usesSums: true, formats: names.map((name) => formatOf(name, variant)) },
    }),
    HELPERS,
    ...loading(source === "sums" ? null : (variant.format ?? null), new Lines()),
    ...valueFunction(source, plan, variant, names),
    LEAVES_SHADER,
  ].join("\n");
}

const formatOf = (name: string, { format = null }: StepVariant): HalfFormat | null =>
  name === "gradient" ? format : null;

function valueFunction(source: SumSource, plan: Plan, variant: StepVariant, names: readonly string[]): string[] {
  const body = new Lines();
  const value = source === "sums" ? "sums.values[i]" : summand(source, plan, variant, names, body);
  return ["fn valueAt(i: u32) -> f32 {", ...body.lines, `  return ${value};`, "}"];
}

function summand(source: Summand, plan: Plan, variant: StepVariant, names: readonly string[], body: Lines): string {
  const loaded = (name: string, i: number): string => body.let(load(arrayName(name, i), "i", formatOf(name, variant)));
  const x = Object.fromEntries(names.map((name, i) => [name, loaded(name, i)]));
  const k = scalarReads(plan.rule, variant.guarded) as StepScalars<string>; // all that a summand reads are there
  const value = summandOf(wgslOps(body), source, plan, x as StepInputs<string>, k); // what the plan lists
  // The NaNs are counted: a sum of NaNs may be anything.
  return source === "nonFinite" ? `select(0f, 1f, isNaN(${value}))` : value;
}

const LEAVES_SHADER = `var<workgroup> running: array<f32, ${WORKGROUP}>;
var<workgroup> leaves: array<f32, ${LEAVES}>;

${LEAF_AT}

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let own = lane / 8u;
  let leaf = leafAt(group.x * ${LEAVES}u + own, part.start, part.length, part.depth);
  let end = leaf.x + leaf.y;
  let endOfEights = leaf.x + (leaf.y & ~7u);
  if (leaf.y >= 8u) {
    var sum = valueAt(leaf.x + lane % 8u);
    for (var i = leaf.x + 8u + lane % 8u; i < endOfEights; i += 8u) { sum += valueAt(i); }
    running[lane] = sum;
  }
  workgroupBarrier();
  if (lane % 8u == 0u) {
    var sum = 0f;
    var next = leaf.x;
    if (leaf.y >= 8u) {
      sum = ${joinedRunning((i) => `running[lane + ${i}u]`)};
      next = endOfEights;
    }
    for (; next < end; next++) { sum += valueAt(next); }
    leaves[own] = sum;
  }
  for (var distance = 1u; distance < ${LEAVES}u; distance *= 2u) {
    workgroupBarrier();
    if (lane % 8u == 0u && own % (2u * distance) == 0u) { leaves[own] += leaves[own + distance]; }
  }
  if (lane == 0u) { sums.values[part.to + group.x] = leaves[0]; }
}
`;

/** The kernel `main` of a further pass: workgroup g joins `JOINED` sums from `part.start` on into one at `part.to + g`. */
export function joinShader(): string {
  return `${bindingsOf("start: u32, count: u32, to: u32", [], { usesSums: true })}
var<workgroup> joined: array<f32, ${WORKGROUP}>;

fn sumAt(index: u32) -> f32 {
  if (index < part.count) { return sums.values[part.start + index]; }
  return 0f;
}

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * ${JOINED}u + 2u * lane;
  joined[lane] = sumAt(first) + sumAt(first + 1u);
  for (var distance = 1u; distance < ${WORKGROUP}u; distance *= 2u) {
    workgroupBarrier();
    if (lane % (2u * distance) == 0u) { joined[lane] += joined[lane + distance]; }
  }
  if (lane == 0u) { sums.values[part.to + group.x] = joined[0]; }
}
`;
}

/**
 * The kernel `main` that decides by the number of elements that are not finite, at `part.count`: whether the step is
 * skipped, with which loss scale it is taken, and which scale the next one has. As `core/scale/dynamic-scale.ts`; with 0
 * growth steps the scale stays.
 */
export function decideShader(): string {
  return `${bindingsOf("count: u32, growthSteps: u32, growthStepsHigh: u32", [], { usesSums: true })}
${SCALE_FUNCTIONS}
@compute @workgroup_size(1)
fn main() {
  let finite = sums.values[part.count] == 0f;
  let next = sums.steps + 1u;
  let nextHigh = sums.stepsHigh + select(0u, 1u, next == 0u);
  let stays = (part.growthSteps | part.growthStepsHigh) == 0u;
  let grows = finite && next == part.growthSteps && nextHigh == part.growthStepsHigh;
  let counts = finite && !grows;
  sums.skip = select(1u, 0u, finite);
  useScale();
  sums.steps = select(0u, next, counts);
  sums.stepsHigh = select(0u, nextHigh, counts);
  if (!finite && !stays) { sums.scale = halved(sums.scale); }
  if (grows) { sums.scale = doubled(sums.scale); }
}
`;
}

/**
 * The scale may be any float32, and a device need compute well with none that is subnormal, infinite or above 2^126: it is
 * halved and doubled in bits, and a gradient is multiplied by a factor and divided by the rest; infinity is a factor of 0.
 */
const SCALE_FUNCTIONS = `const INFINITE = 0x7f800000u;
const GREATEST_DIVISOR = 0x7e800000u;
const LEAST_NORMAL = 0x00800000u;

fn useScale() {
  sums.usedScale = bitcast<f32>(sums.scale);
  sums.usedFactor = 1f;
  if (sums.scale == INFINITE) {
    sums.usedScale = 1f;
    sums.usedFactor = 0f;
  } else if (sums.scale > GREATEST_DIVISOR && sums.scale < INFINITE) {
    sums.usedScale = bitcast<f32>(sums.scale - (64u << 23u));
    sums.usedFactor = 0x1p-64f;
  } else if (sums.scale > 0u && sums.scale < LEAST_NORMAL) {
    sums.usedScale = f32(sums.scale) * 0x1p-85f;
    sums.usedFactor = 0x1p64f;
  }
}

fn halved(scale: u32) -> u32 {
  if (scale >= INFINITE) { return scale; }
  if (scale >= 2u * LEAST_NORMAL) { return scale - LEAST_NORMAL; }
  let half = scale >> 1u;
  return half + (scale & half & 1u);
}

fn doubled(scale: u32) -> u32 {
  if (scale >= INFINITE) { return scale; }
  if (scale < LEAST_NORMAL) { return scale << 1u; }
  return min(scale + LEAST_NORMAL, INFINITE);
}
`;

/** The kernel `main` that copies the first `part.count` sums to an array. */
export function keepShader(variant: StepVariant): string {
  return [
    bindingsOf("count: u32", ["kept"], { usesSums: true }),
    elementwiseMain(variant, [], ["    kept[i] = sums.values[i];"]),
  ].join("\n");
}

/** The kernel `main` that counts the step, when it was taken. It runs last, since the step reads the count before it. */
export function countShader(): string {
  return `${sumsBinding(BINDINGS.arrays)}

@compute @workgroup_size(1)
fn main() {
${GUARD}
  sums.calls++;
  if (sums.calls == 0u) { sums.callsHigh++; }
}
`;
}
