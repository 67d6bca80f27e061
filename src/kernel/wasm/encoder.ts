// WebAssembly's binary format, as far as kernels need it: numbers, sections, functions with locals, a module.
// What is computed is in step.ts and sum.ts. Source: WebAssembly Core Specification 2.0, "Binary Format".

export const TYPE = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

/** Bytes of code, put together as a tree: they are copied once, when the module is finished. */
export type Code = readonly (number | Code)[];

/** Instructions on i32 and control flow; those on elements are in lanes.ts. */
export const localGet = (local: number): Code => [0x20, unsigned(local)];
export const localSet = (local: number): Code => [0x21, unsigned(local)];
export const i32 = (value: number): Code => [0x41, signed(value)];
export const i32Load = (offset: number): Code => [0x28, 2, unsigned(offset)];
export const i32Add: Code = [0x6a];
export const i32Sub: Code = [0x6b];
export const i32Mul: Code = [0x6c];
export const i32And: Code = [0x71];
export const i32ShiftRight: Code = [0x76];
export const i32LessThan: Code = [0x49];
export const call = (index: number): Code => [0x10, unsigned(index)];
export const RETURN: Code = [0x0f];

/** Adds to a local. */
export const increase = (local: number, by: Code): Code => [localGet(local), by, i32Add, localSet(local)];

/** Repeats `body` as long as `condition` leaves a number other than 0. */
export function whileLoop(condition: Code, body: Code): Code {
  const [block, loop, exit, again, end] = [[0x02, 0x40], [0x03, 0x40], [0x45, 0x0d, 1], [0x0c, 0], [0x0b]];
  return [block, loop, condition, exit, body, again, end, end] as Code; // bytes, and code of bytes
}

/** Runs `body` if `condition` leaves a number other than 0. */
export const ifThen = (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, 0x0b];

/** Hands out locals after a function's parameters. */
export class Locals {
  readonly types: number[] = [];
  readonly #parameters: number;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  add(type: number): number {
    return this.#parameters + this.types.push(type) - 1;
  }
}

/** One function of a module. */
export interface WasmFunction {
  readonly parameters: Code;
  readonly results: Code;
  readonly locals: Locals;
  readonly body: Code;
}

/**
 * A module over an imported memory `env.memory`, whose last function is exported as `run`. `shared` says what kind of
 * memory will be imported.
 */
export function moduleOf(functions: readonly WasmFunction[], shared: boolean): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [0x60, list(parameters), list(results)]);
  const bodies = functions.map(({ locals, body }) => sized([list(runsOf(locals.types)), body, 0x0b]));
  // A shared memory must say how far it may grow: here, all the way.
  const limits = shared ? [0x03, 0, unsigned(MAX_PAGES)] : [0x00, 0];
  const module: Code = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, types),
    section(2, [[text("env"), text("memory"), 0x02, limits]]),
    section(3, [...functions.keys()]),
    section(7, [[text("run"), 0x00, functions.length - 1]]),
    section(10, bodies),
  ];
  return new Uint8Array(flat(module));
}

/** The most pages of 64 KiB that 32-bit addresses reach. */
export const MAX_PAGES = 65_536;

/** Neighbouring locals of one type are declared together. */
function runsOf(types: readonly number[]): Code[] {
  const runs: { type: number; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return runs.map(({ type, count }) => [unsigned(count), type]);
}

const section = (id: number, items: Code): Code => [id, sized(list(items))];

const list = (items: Code): Code => [unsigned(items.length), items];

function sized(code: Code): Code {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
}

const text = (value: string): Code => list(Array.from(value, (letter) => letter.charCodeAt(0)));

/** The bytes of a tree in order. */
function flat(code: Code, bytes: number[] = []): number[] {
  // Not for-of: this runs a few times before it is compiled, and an iterator for each leaf would double a cold start.
  for (let i = 0; i < code.length; i++) {
    const part = code[i] as number | Code; // an index of the list
    if (typeof part === "number") bytes.push(part);
    else flat(part, bytes);
  }
  return bytes;
}

/** LEB128, unsigned. */
export function unsigned(value: number): number | Code {
  return value <= 0x7f ? value : [(value & 0x7f) | 0x80, unsigned(value >>> 7)];
}

/** LEB128, signed. */
function signed(value: number): number | Code {
  return value >= -64 && value <= 63 ? value & 0x7f : [(value & 0x7f) | 0x80, signed(value >> 7)];
}
