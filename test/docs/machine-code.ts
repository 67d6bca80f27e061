// A block of machine code: what this Node makes of the plain step, without addresses. It depends on V8 and the processor.
import { execFileSync } from "node:child_process";
import { generatedModule } from "./wasm.js";

/** Where V8 makes what the guide shows. */
export const isComparable: boolean = process.arch === "x64" && process.versions.v8.startsWith("11.3.");

const COMPILE = "new WebAssembly.Module(Buffer.from(process.argv[1], 'base64'))";

/** The instructions of the plain step, as V8 prints them. */
export function instructionsOfStep(): string[] {
  const flags = ["--no-liftoff", "--no-wasm-lazy-compilation", "--print-wasm-code"];
  const bytes = Buffer.from(generatedModule()).toString("base64");
  const printed = execFileSync(process.execPath, [...flags, "-e", COMPILE, bytes], { encoding: "utf8" });
  return [...printed.matchAll(/^0x[0-9a-f]+ +[0-9a-f]+ {2}[0-9a-f]+ +(.*)$/gm)].map(([, text = ""]) =>
    text.replace(/0x[0-9a-f]+ +(?=<)/, ""),
  );
}

/** What V8 makes of an operation on vectors, on x64. */
const INSTRUCTIONS: Readonly<Record<string, RegExp>> = {
  "f32x4.add": /^vaddps /gm,
  "f32x4.sub": /^vsubps /gm,
  "f32x4.mul": /^vmulps /gm,
  "f32x4.div": /^vdivps /gm,
  "f32x4.sqrt": /^vsqrtps /gm,
  "v128.load": /^vmovdqu xmm\d+,\[/gm,
  "v128.store": /^vmovdqu \[/gm,
};

/** How often each operation on vectors stands in machine code. */
export function operationsOf(code: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(INSTRUCTIONS).map(([name, pattern]) => [name, code.match(pattern)?.length ?? 0]),
  );
}
