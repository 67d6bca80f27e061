// The programs of the examples run on the sources, and say what they do before they load what takes long.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { choice } from "../../test/seed.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
// The package's own file.
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { scripts: Record<string, string> };

const PROGRAMS: readonly (readonly [string, RegExp])[] = [
  ["start", /^Trains .+ three times: with RMSprop, with tf\.train\.rmsprop/],
  ["start:seeds", /^Trains .+ ten seeds/],
  ["start:cartpole", /^Learns to balance a pole/],
  ["start:jax", /^Trains .+ with jax-js/],
  ["start:webgpu", /^Trains .+ with kernels in WGSL/],
  ["start:optimizers", /^Walks down/],
  ["handoff", /^Hands runs over/],
];
test.each(choice(PROGRAMS, 3))("npm run %s says what it does, with nothing built", async (name, expected) => {
  const [program = "", ...args] = scripts[name]?.split(" ") ?? [];
  expect(program).toBe("node");
  expect(await firstWordsOf(args)).toMatch(expected);
});

/** What a program prints first; it is ended then. */
function firstWordsOf(args: readonly string[]): Promise<string> {
  // Nothing is installed for a Python that is given.
  const env = { ...process.env, KERAS_PYTHON: "none" };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(""));
    child.stdout.setEncoding("utf8").once("data", (text: string) => {
      resolve(text);
      child.kill("SIGKILL");
    });
  });
}
