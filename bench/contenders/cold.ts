// The first step of a process: it can be taken only once, so each turn is a process of its own.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Contender } from "../contender.js";

const SCRIPT = fileURLToPath(new URL("./cold-start.mjs", import.meta.url));

/** `new RMSprop` and its first step, on one variable of 1,000 elements that is there already. */
export function coldStart(): Contender {
  return { name: "new RMSprop and first step, cold", time: timeInProcess };
}

function timeInProcess(): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(SCRIPT, { execArgv: [] });
    let milliseconds = Number.NaN;
    child.once("message", (message) => {
      milliseconds = Number(message);
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(milliseconds);
      else reject(new Error(`The process of a cold start ended with code ${code}.`));
    });
  });
}
