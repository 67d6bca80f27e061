// A constraint -> WGSL: one pass for the norms of a variable, one for its weights. What the numbers mean is in
// constraints/index.ts, the order of sums in constraints/axis-norm.ts; shapes are written into the code.
import {
  cellOf,
  type NormBlocks,
  type NormConstraintData,
  notNegative,
  weightByCell,
} from "../../rule/constraint-formula.js";
import { depthOf } from "../../rule/pairwise.js";
import { joinedRunning, LEAF_AT } from "./pairwise.js";
import { bindingsOf, elementwiseMain, GUARD, HELPERS, Lines, STEP_SPAN, WORKGROUP, wgslOps } from "./step.js";

/** Norms that one workgroup of `cellsShader` takes. */
export const CELLS_SPAN: number = WORKGROUP;
/** Weights that one workgroup of the others takes. */
export const WEIGHTS_SPAN: number = STEP_SPAN;

/** The kernel `main` that makes negative weights 0; guarded, it does nothing when the finite check says so. */
export function nonNegativeShader(guarded: boolean): string {
  const body = new Lines("    ");
  const value = notNegative(wgslOps(body), body.let("x[i]"));
  const inLoop = [...body.lines, `    x[i] = ${value};`];
  return [header(["x"], guarded), elementwiseMain({ guarded }, [], inLoop)].join("\n");
}

/** The kernel `main` that leaves in `cells` what each norm gives: a factor, or for UnitNorm a divisor. */
export function cellsShader(constraint: NormConstraintData, blocks: NormBlocks, guarded: boolean): string {
  const { outerShape, reduced, length, isReduced, cellCount } = blocks;
  const kept = outerShape.flatMap((size, axis) => (reduced[axis] ? [] : [{ size, axis }])).reverse();
  const summed = outerShape.flatMap((size, axis) => (reduced[axis] ? [{ size, axis }] : []));
  const body = new Lines();
  body.let(`sqrt(sum)`);
  const result = cellOf(wgslOps(body), constraint, "s0");
  const block = outerShape.reduce((index, size, axis) => `(${index} * ${size}u + a${axis})`, "0u");
  const start = `${block} * ${length}u${isReduced ? "" : " + place"}`;
  return [
    header(["x", "cells"], guarded),
    isReduced ? pairwiseFunction(length) : "",
    `@compute @workgroup_size(${WORKGROUP})`,
    "fn main(@builtin(global_invocation_id) id: vec3u) {",
    ...(guarded ? [GUARD] : []),
    `  if (id.x >= ${cellCount}u) { return; }`,
    "  var rest = id.x;",
    ...(isReduced ? [] : [`  let place = rest % ${length}u;`, `  rest /= ${length}u;`]),
    ...kept.flatMap(({ size, axis }) => [`  let a${axis} = rest % ${size}u;`, `  rest /= ${size}u;`]),
    "  var sum = 0f;",
    ...summed.map(({ size, axis }) => `  for (var a${axis} = 0u; a${axis} < ${size}u; a${axis}++) {`),
    `  let at = ${start};`,
    isReduced ? "  sum += pairwise(at);" : "  sum += x[at] * x[at];",
    ...summed.map(() => "  }"),
    ...body.lines,
    `  cells[id.x] = ${result};`,
    "}",
    "",
  ].join("\n");
}

/** The kernel `main` that takes each weight by what its norm gave. */
export function weightsShader({ kind }: NormConstraintData, blocks: NormBlocks, guarded: boolean): string {
  const { outerShape, reduced, length, isReduced } = blocks;
  const axes = outerShape.map((size, axis) => ({ size, axis })).reverse();
  const outer = outerShape.reduce(
    (cell, size, axis) => (reduced[axis] ? cell : `(${cell} * ${size}u + a${axis})`),
    "0u",
  );
  const body = new Lines("    ");
  const cell = `cells[${isReduced ? outer : `${outer} * ${length}u + i % ${length}u`}]`;
  const value = weightByCell(wgslOps(body), kind, body.let("x[i]"), body.let(cell));
  const inLoop = [
    `    var rest = i / ${length}u;`,
    ...axes.flatMap(({ size, axis }) => [`    let a${axis} = rest % ${size}u;`, `    rest /= ${size}u;`]),
    ...body.lines,
    `    x[i] = ${value};`,
  ];
  return [header(["x", "cells"], guarded), elementwiseMain({ guarded }, [], inLoop)].join("\n");
}

const header = (arrays: readonly string[], usesSums: boolean): string =>
  [bindingsOf("count: u32", arrays, { usesSums }), HELPERS].join("\n");

/**
 * `pairwise(begin)`: the sum of the squares of `length` elements in NumPy's tree. Its leaves are visited from the left at
 * the depth of the deepest.
 */
function pairwiseFunction(length: number): string {
  const depth = depthOf(length);
  return `fn squareAt(i: u32) -> f32 { return x[i] * x[i]; }

fn leafSum(begin: u32, count: u32) -> f32 {
  let end = begin + count;
  var next = begin;
  var sum = 0f;
  if (count >= 8u) {
    var s: array<f32, 8>;
    for (var k = 0u; k < 8u; k++) { s[k] = squareAt(begin + k); }
    for (next = begin + 8u; next + 8u <= end; next += 8u) {
      for (var k = 0u; k < 8u; k++) { s[k] += squareAt(next + k); }
    }
    sum = ${joinedRunning((i) => `s[${i}]`)};
  }
  for (; next < end; next++) { sum += squareAt(next); }
  return sum;
}

${LEAF_AT}

fn pairwise(begin: u32) -> f32 {
  var stack: array<f32, ${depth + 1}>;
  for (var index = 0u; index < ${2 ** depth}u; index++) {
    let leaf = leafAt(index, begin, ${length}u, ${depth}u);
    var sum = leafSum(leaf.x, leaf.y);
    var height = 0u;
    for (var path = index; (path & 1u) == 1u; path >>= 1u) {
      sum = stack[height] + sum;
      height++;
    }
    stack[height] = sum;
  }
  return stack[${depth}];
}
`;
}
