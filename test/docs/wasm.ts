// A block of WebAssembly text that says what one turn of the plain step's loop is: it is put into a loop and run.
import { RMSprop } from "rmsprop";
import wabt from "wabt";
import { stepModule } from "../../src/kernel/wasm/step.js";
import { rmspropRule } from "../../src/optimizers/rmsprop.js";
import { planOf } from "../../src/rule/plan.js";

const ARRAYS = ["variable", "gradient", "velocity"];
const SCALARS = ["rho", "oneMinusRho", "epsilon", "learningRate"];
const STEPS = 10;
const ELEMENTS = 12;

// A turn may work on vectors ahead of the one that it finishes, so turns begin early and there is room around each array.
const AHEAD = 2;
const BYTES = 16;
const ROOM = 4 * AHEAD;
const placeOf = (array: number): number => ROOM + array * (ELEMENTS + 2 * ROOM);

/** How many of the bits that it computes in some steps are not those of RMSprop. */
export async function differingBits(code: string): Promise<number> {
  const step = await compiled(code);
  const memory = new Float32Array(step.memory.buffer);
  const held = memory.subarray(placeOf(0), placeOf(0) + ELEMENTS);
  const weights = Float32Array.from({ length: ELEMENTS }, (_, i) => (i - 5) * 10 ** (i - 6));
  held.set(weights);
  const optimizer = new RMSprop({ learningRate: 0.01, rho: 0.8, epsilon: 1e-6 });
  for (let i = 1; i <= STEPS; i++) {
    const gradient = Float32Array.from(weights, (_, at) => ((at % 3) - 1) * 10 ** (3 - at) * i);
    optimizer.apply([gradient], [weights]);
    memory.set(gradient, placeOf(1));
    step.run(...ARRAYS.map((_, array) => 4 * placeOf(array)), 0.8, 1 - 0.8, 1e-6, 0.01);
  }
  const expected = new Uint32Array(weights.buffer);
  return new Uint32Array(held.slice().buffer).filter((word, i) => word !== expected[i]).length;
}

interface Step {
  readonly memory: WebAssembly.Memory;
  run(...parameters: number[]): void;
}

async function compiled(code: string): Promise<Step> {
  const locals = [...new Set([...code.matchAll(/local\.set \$(\w+)/g)].map(([, name = ""]) => name))];
  const text = `(module (memory (export "memory") 1) (func (export "run")
    ${ARRAYS.map((name) => `(param $${name} i32)`).join(" ")} ${SCALARS.map((name) => `(param $${name}Number f32)`).join(" ")}
    (local $offset i32) ${[...locals, ...SCALARS].map((name) => `(local $${name} v128)`).join(" ")}
    ${SCALARS.map((name) => `(local.set $${name} (f32x4.splat (local.get $${name}Number)))`).join("\n")}
    (local.set $offset (i32.const ${-AHEAD * BYTES}))
    (loop $turn
      ${code}
      (local.set $offset (i32.add (local.get $offset) (i32.const ${BYTES})))
      (br_if $turn (i32.lt_s (local.get $offset) (i32.const ${4 * ELEMENTS}))))))`;
  const { parseWat } = await wabt();
  const { buffer } = parseWat("block.wat", text, { simd: true }).toBinary({});
  const { instance } = await WebAssembly.instantiate(new Uint8Array(buffer));
  return instance.exports as unknown as Step; // What the text above exports.
}

/** The module that is generated for a plain step. */
export function generatedModule(): Uint8Array {
  const off = { norm: false, unscale: false, accumulate: false, decay: false, average: false, overwrite: false };
  const facts = { dtype: "float32", phase: "update", clip: "none", ...off } as const;
  return stepModule(planOf(rmspropRule({ centered: false, momentum: false }), facts), false);
}

/** The same as text. */
export async function generatedText(): Promise<string> {
  const { readWasm } = await wabt();
  return readWasm(generatedModule(), { readDebugNames: false }).toText({ foldExprs: true });
}

/** How often each operation on vectors stands in a text, times `times`. */
export function countsOf(text: string, times = 1): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name] of text.matchAll(/f32x4\.(?!splat)\w+|v128\.(load|store)/g))
    counts[name] = (counts[name] ?? 0) + times;
  return counts;
}
