// A process that is stopped and goes on, as by Ctrl-Z and fg, in the middle of steps on several threads.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withProgram } from "../child.js";
import type { Outcome } from "./paused.js";

/** Longer than a thread that stands still is waited for, and much shorter. */
const PAUSES = [2100, 100, 300];

test.skipIf(process.platform === "win32")("no step is lost by pauses, and every bit is as without them", async () => {
  await withProgram(fileURLToPath(new URL("./paused.ts", import.meta.url)), async (path) => {
    const child = fork(path, { execArgv: [] });
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
});
