// A process that is stopped and goes on, as by Ctrl-Z and fg, in the middle of steps on several threads.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Outcome } from "./paused.js";

const at = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

function start(): ChildProcess {
  // The built package is found by its name, the sources by the paths of tsconfig.json.
  const built = process.env.RMSPROP_DIST === "1";
  const env = { ...process.env, TSX_TSCONFIG_PATH: at(built ? "../../tsconfig.build.json" : "../../tsconfig.json") };
  return fork(at("paused.ts"), { cwd: at("../.."), env, execArgv: ["--import", "tsx"] });
}

/** Longer than a thread that stands still is waited for, and much shorter. */
const PAUSES = [2100, 100, 300];

test.skipIf(process.platform === "win32")("no step is lost by pauses, and every bit is as without them", async () => {
  const child = start();
  const failed = once(child, "exit").then(([code]) => [`ended with ${code}`]);
  try {
    expect(await Promise.race([once(child, "message"), failed])).toEqual(["ready", undefined]);
    for (const pause of PAUSES) {
      await after(50);
      child.kill("SIGSTOP");
      await after(pause);
      child.kill("SIGCONT");
    }
    child.send("end");
    const [outcome] = (await Promise.race([once(child, "message"), failed])) as [Outcome]; // paused.ts says so, or the test fails
    expect(outcome).toMatchObject({ threads: 3, errors: [], same: true });
    expect(outcome.steps).toBeGreaterThan(0);
  } finally {
    child.kill("SIGKILL");
  }
});
