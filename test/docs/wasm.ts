// A block of WebAssembly text that says what one vector of the plain step is: it is put into a function and run.
import { RMSprop } from "rmsprop";
import wabt from "wabt";
import { stepModule } from "../../src/codegen/wasm.js";
import { planOf } from "../../src/rule/plan.js";
import { rmspropRule } from "../../src/rule/rmsprop.js";

const ARRAYS = ["variable", "gradient", "velocity"];
const SCALARS = ["rho", "oneMinusRho", "epsilon", "learningRate"];
const STEPS = 10;

/** How many of the bits that it computes in some steps are not those of RMSprop. */
export async function differingBits(code: string): Promise<number> {
  const step = await compiled(code);
  const memory = new Float32Array(step.memory.buffer);
  const weights = Float32Array.of(1, -2, 3e-3, 4e5);
  memory.set(weights);
  const optimizer = new RMSprop({ learningRate: 0.01, rho: 0.8, epsilon: 1e-6 });
  for (let i = 1; i <= STEPS; i++) {
    const gradient = Float32Array.from([0.3, -7e-4, 0, 1e6], (value) => value / i);
    optimizer.apply([gradient], [weights]);
    memory.set(gradient, 4);
    step.run(0, 16, 32, 0.8, 1 - 0.8, 1e-6, 0.01);
  }
  const bits = (values: Float32Array) => new Uint32Array(values.slice(0, 4).buffer);
  const expected = bits(weights);
  return bits(memory).filter((word, i) => word !== expected[i]).length;
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
    ${code}))`;
  const { parseWat } = await wabt();
  const { buffer } = parseWat("block.wat", text, { simd: true }).toBinary({});
  const { instance } = await WebAssembly.instantiate(new Uint8Array(buffer));
  return instance.exports as unknown as Step; // What the text above exports.
}

/** The text of the kernel that is generated for a plain step. */
export async function generatedText(): Promise<string> {
  const off = { unscale: false, accumulate: false, decay: false, average: false, overwrite: false };
  const facts = { dtype: "float32", phase: "update", clip: "none", ...off } as const;
  const { readWasm } = await wabt();
  const bytes = stepModule(planOf(rmspropRule({ centered: false, momentum: false }), facts), false);
  return readWasm(bytes, { readDebugNames: false }).toText({ foldExprs: true });
}

/** How often each operation on vectors stands in a text, times `times`. */
export function countsOf(text: string, times = 1): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name] of text.matchAll(/f32x4\.(?!splat)\w+|v128\.(load|store)/g))
    counts[name] = (counts[name] ?? 0) + times;
  return counts;
}
