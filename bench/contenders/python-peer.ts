// A contender that lives in a Python process: python/peer.py.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contender } from "../contender.js";
import type { OptimizerName } from "./data.js";

const SCRIPT = fileURLToPath(new URL("../python/peer.py", import.meta.url));
/** Threads of a library may spin for a while after its turn; the next one waits so long. */
const COOL_MS = 20;

export interface PythonPeer {
  /** As peer.py calls it. */
  readonly id: string;
  readonly name: string;
  readonly optimizer: OptimizerName;
  readonly size: number;
  readonly threads: number;
}

/** Starts the process. The result rejects, with what Python said last, when it does not come up. */
export async function startPeer(
  python: string,
  { id, name, optimizer, size, threads }: PythonPeer,
): Promise<Contender> {
  const parameters = [SCRIPT, id, optimizer, String(threads), String(size)];
  const child = spawn(python, parameters, { stdio: ["pipe", "pipe", "pipe"] });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => said.push(line));
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${name} ended: ${said.at(-1) ?? "it said nothing"}`);
    return JSON.parse(value);
  };
  const ask = (command: string): Promise<unknown> => {
    child.stdin.write(`${command}\n`);
    return answer();
  };
  child.stdin.on("error", () => undefined); // That it ended is seen where its answer is missing.
  const versions = Object.entries((await answer()) as Record<string, string>).map((entry) => entry.join(" "));
  return {
    name: `${name} (${versions.join(", ")})`,
    async time(count) {
      const milliseconds = Number(await ask(`time ${count}`));
      await new Promise((resolve) => setTimeout(resolve, COOL_MS));
      return milliseconds;
    },
    // peer.py answers with a list of numbers.
    peek: async () => (await ask("peek")) as number[],
    close: () => child.kill(),
  };
}
