// Where WebAssembly is missing or forbidden the package computes in JavaScript, to the same bits; and nowhere does it
// need what a strict page forbids.
import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { runInRealm, scriptOf } from "./bundle.js";

/** Steps with everything on, and what is left of them: nothing here may depend on the engine but its name. */
const RUN = `
  const { RMSprop, Variable, schedules } = rmsprop;
  const learningRate = new schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 20 });
  const options = { learningRate, momentum: 0.9, centered: true, weightDecay: 0.01, globalClipnorm: 1, useEma: true };
  const optimizer = new RMSprop({ ...options, emaOverwriteFrequency: 3, gradientAccumulationSteps: 2 });
  const values = (size, seed) => Float32Array.from({ length: size }, (_, i) => Math.fround(((i * 7919 + seed * 104729) % 2003) / 1000 - 1));
  const variables = [new Variable(values(1003, 1), { name: "a" }), new Variable(values(7, 2), { name: "b" })];
  for (let call = 0; call < 9; call++) optimizer.apply([values(1003, call + 3), Array.from(values(7, call + 4))], variables);
  const bits = [...variables, ...optimizer.variables].map(({ value }) => Array.from(value).join(" ")).join("\\n");
  const v = new Variable(10);
  new RMSprop({ learningRate: 0.1 }).minimize(() => ({ value: v.item() ** 2 / 2, gradients: [v.item()] }), [v]);
`;
const INTO_GLOBAL = "globalThis.result = JSON.stringify({ engine: optimizer.engine, text: String(v), bits });";

interface Result {
  readonly engine: string;
  readonly text: string;
  readonly bits: string;
}

let script = "";
let usual: Result;

beforeAll(async () => {
  script = await scriptOf(RUN + INTO_GLOBAL);
  usual = JSON.parse(String(runInRealm(script)));
});

test("a realm that forbids eval and new Function, but not WebAssembly, gets WebAssembly", () => {
  expect(usual).toMatchObject({ engine: "wasm", text: "9.683772" });
});

const REALMS = [
  ["a Content-Security-Policy refuses WebAssembly", { wasm: false }],
  ["there is no WebAssembly at all", { before: "delete globalThis.WebAssembly;" }],
  ["WebAssembly is there without SIMD", { before: without("v128") }],
  ["WebAssembly.Module throws", { before: without("Module") }],
  ["WebAssembly.Instance throws", { before: without("Instance") }],
  ["WebAssembly.Memory throws", { before: without("Memory") }],
] as const;

/** Takes a part of WebAssembly away. */
function without(part: "v128" | "Module" | "Instance" | "Memory"): string {
  if (part === "v128") {
    return `
      const { Module } = WebAssembly;
      const isVector = (bytes) => new Uint8Array(bytes.buffer ?? bytes).includes(0xfd);
      WebAssembly.Module = class extends Module {
        constructor(bytes) {
          if (isVector(bytes)) throw new WebAssembly.CompileError("Wasm SIMD unsupported");
          super(bytes);
        }
      };`;
  }
  return `WebAssembly.${part} = class { constructor() { throw new WebAssembly.CompileError("refused"); } };`;
}

describe.each(REALMS)("where %s", (_, realm) => {
  test("the engine is js, and every bit is the same", () => {
    const result: Result = JSON.parse(String(runInRealm(script, realm)));
    expect(result.engine).toBe("js");
    expect(result.text).toBe("9.683772");
    expect(result.bits === usual.bits).toBe(true);
  });

  test("asking for wasm says why it cannot be had, and auto goes on", async () => {
    const ask = await scriptOf(`
      const outcome = {};
      try {
        rmsprop.setEngine("wasm");
      } catch (error) {
        outcome.name = error.name;
        outcome.message = error.message;
      }
      outcome.auto = rmsprop.setEngine("auto");
      globalThis.result = JSON.stringify(outcome);
    `);
    const outcome: unknown = JSON.parse(String(runInRealm(ask, realm)));
    expect(outcome).toEqual({
      name: expect.any(String),
      message: expect.stringMatching(/^(setEngine|rmsprop): .*WebAssembly.*\. [A-Z].*\.$/s),
      auto: "js",
    });
  });
});

test("where WebAssembly compiles at first and refuses later, steps go on in JavaScript, with a warning", () => {
  const before = `
    const { Module } = WebAssembly;
    let compiled = 0;
    WebAssembly.Module = class extends Module {
      constructor(bytes) {
        if (++compiled > 3) throw new WebAssembly.CompileError("refused");
        super(bytes);
      }
    };
    globalThis.warnings = [];
    globalThis.console = { warn: (text) => warnings.push(text) };`;
  const after = "result = JSON.stringify({ ...JSON.parse(result), warnings });";
  const result: unknown = JSON.parse(String(runInRealm(`${script}\n${after}`, { before })));
  const warnings = [expect.stringMatching(/steps run in JavaScript .*\(refused\)/)];
  expect(result).toEqual({ engine: "js", text: "9.683772", bits: usual.bits, warnings });
});

test("node --jitless, which has no WebAssembly, gives the same bits", async () => {
  const code = await scriptOf(
    `${RUN} console.log(JSON.stringify({ engine: optimizer.engine, text: String(v), bits }));`,
  );
  const output = execFileSync(process.execPath, ["--jitless", "--no-warnings", "-"], { input: code, encoding: "utf8" });
  const result: Result = JSON.parse(output);
  expect(result.engine).toBe("js");
  expect(result.bits === usual.bits).toBe(true);
});

test("a realm without Symbol.dispose, without process, and with frozen built-ins will do", () => {
  const before = `
    delete Symbol.dispose;
    for (const name of ["Object", "Array", "Function", "Map", "Set", "WeakMap", "Promise", "Float32Array", "Math"]) {
      Object.freeze(globalThis[name]);
      if (globalThis[name].prototype) Object.freeze(globalThis[name].prototype);
    }`;
  const result: Result = JSON.parse(String(runInRealm(script, { before })));
  expect(result.bits === usual.bits).toBe(true);
});

test("importing the package does nothing: no global is added, nothing is compiled, nothing is printed", async () => {
  const before = `
    globalThis.log = [];
    WebAssembly.Module = class { constructor() { log.push("Module"); } };
    WebAssembly.Memory = class { constructor() { log.push("Memory"); } };
    globalThis.console = new Proxy({}, { get: (_, name) => () => log.push(name) });
    globalThis.names = "";
    globalThis.names = Object.getOwnPropertyNames(globalThis).join();`;
  const after = await scriptOf(`
    globalThis.result = [Object.keys(rmsprop).length > 0, log.length, Object.getOwnPropertyNames(globalThis).join() === names].join();
  `);
  expect(runInRealm(after, { before })).toBe("true,0,true");
});
