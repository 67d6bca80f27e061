// Straight-line code, and the order in which a loop runs it: what waits for a division runs in a later turn than the
// division, so that the processor always has work that is ready. Which instructions there are is in lanes.ts and step.ts.
import * as wasm from "./encoder.js";
import { type Code, type Locals, localGet, localSet } from "./encoder.js";

/** One operation of straight-line code over locals. */
export interface Instruction {
  readonly inputs: readonly number[];
  /** Locals that are set before it though it does not read them: what is loaded before a store to the same place. */
  readonly after: readonly number[];
  /** The local that it sets, and its type; null for a store. */
  readonly output: { readonly local: number; readonly type: number } | null;
  /** Whether others should not wait for it: a division or a square root. */
  readonly slow: boolean;
  /** Its code for the elements `distance` bytes ahead, over locals that stand for `inputs`; the result is on the stack. */
  code(inputs: readonly number[], distance: number): Code;
}

/** How a loop walks: `offset` goes up to `end` in steps of `stride` bytes. */
export interface Walk {
  readonly offset: number;
  /** Leaves the last offset, a multiple of `stride`, on the stack. */
  readonly end: Code;
  readonly stride: number;
}

/** A loop that runs its code in the order given. */
export function straight(instructions: readonly Instruction[], _locals: Locals, { offset, end, stride }: Walk): Code {
  return wasm.whileLoop([localGet(offset), end, wasm.i32LessThan], [inOrder(instructions), increase(offset, stride)]);
}

/** Code for one element. */
export function inOrder(instructions: readonly Instruction[]): Code {
  return instructions.map(({ inputs, output, code }) => [code(inputs, 0), output ? localSet(output.local) : []]);
}

/** A loop in stages: while one is at the first of element n, the next is at element n - 1. Leaves what is too short for it. */
export function pipelined(instructions: readonly Instruction[], locals: Locals, { offset, end, stride }: Walk): Code {
  const stages = stagesOf(instructions);
  const last = Math.max(0, ...stages);
  const { named, shift } = carried(instructions, stages, locals);
  const stage = (s: number, turn: number): Code =>
    instructions.map(({ inputs, output, code }, i) => {
      if (stages[i] !== s) return [];
      const own = inputs.map((input) => named(input, s));
      return [code(own, (turn - s) * stride), output ? localSet(output.local) : []];
    });
  const all = Array.from({ length: last + 1 }, (_, s) => s);
  const turn = (from: number, to: number, n: number): Code => [all.slice(from, to).map((s) => stage(s, n)), shift];
  const fill = Array.from({ length: last }, (_, n) => turn(0, n + 1, n));
  const drain = Array.from({ length: last }, (_, n) => turn(n + 1, last + 1, n + last));
  const ahead = [localGet(offset), wasm.i32(last * stride), wasm.i32Add, end, wasm.i32LessThan];
  const loop = wasm.whileLoop(ahead, [turn(0, last + 1, last), increase(offset, stride)]);
  if (last === 0) return loop;
  return wasm.ifThen(ahead, [fill, loop, drain, increase(offset, last * stride)]);
}

/** Stages after the first one. Two hide the last root and the last division; more would need more registers than there are. */
const MOST_STAGES = 2;

/** The stage of each instruction: one later than the slow ones it waits for, and as late as its own use allows. */
function stagesOf(instructions: readonly Instruction[]): number[] {
  const ready = new Map<number, number>();
  const earliest = instructions.map(({ inputs, output, slow }) => {
    const start = Math.max(0, ...inputs.map((input) => ready.get(input) ?? 0));
    if (output) ready.set(output.local, start + (slow ? 1 : 0));
    return start;
  });
  const surplus = Math.max(0, ...earliest) - MOST_STAGES;
  const stages = earliest.map((stage) => Math.max(0, stage - Math.max(0, surplus)));
  for (let i = stages.length - 1; i >= 0; i--) {
    const { output, slow } = instructions[i] as Instruction; // an index of the list
    if (!output || slow) continue;
    const needs = ({ inputs, after }: Instruction): boolean => [...inputs, ...after].includes(output.local);
    const users = stages.filter((_, user) => needs(instructions[user] as Instruction)); // one stage for each
    if (users.length > 0) stages[i] = Math.min(...users);
  }
  return stages;
}

/** The locals in which a value waits for later stages, and the code that moves it on after each turn. */
function carried(
  instructions: readonly Instruction[],
  stages: readonly number[],
  locals: Locals,
): { named: (local: number, stage: number) => number; shift: Code } {
  const waits = new Map<number, { readonly from: number; readonly places: number[] }>();
  const shift: Code[] = [];
  instructions.forEach(({ output }, i) => {
    if (!output) return;
    const from = stages[i] as number; // one for each instruction
    const until = Math.max(...stages.filter((_, user) => instructions[user]?.inputs.includes(output.local)), from);
    const places = [output.local, ...Array.from({ length: until - from }, () => locals.add(output.type))];
    waits.set(output.local, { from, places });
    for (let place = places.length - 1; place > 0; place--) {
      shift.push(localGet(places[place - 1] as number), localSet(places[place] as number)); // an index of the list
    }
  });
  const named = (local: number, stage: number): number => {
    const wait = waits.get(local);
    // A scalar or a constant is the same for every element.
    return wait ? (wait.places[stage - wait.from] as number) : local;
  };
  return { named, shift };
}

const increase = (local: number, by: number): Code => wasm.increase(local, wasm.i32(by));
