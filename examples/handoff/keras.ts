// Keras' side: keras_part.py in a process of its own, with as many devices as the job asks for.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NamedBits } from "./state.js";

const SCRIPT = fileURLToPath(new URL("./keras_part.py", import.meta.url));

export interface Job {
  readonly backend: "jax" | "tensorflow";
  /** `"data"` splits the batch over all devices; `"model"` the layers, too, over a mesh of 4 by 2. */
  readonly distribution: "none" | "data" | "model";
  /** Keras' own JSON of the optimizer. */
  readonly config: object;
  readonly weightsIn: string | null;
  readonly weightsOut: string;
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
  /** The rows of every batch, epoch by epoch. */
  readonly orders: Int32Array;
  readonly epochs: number;
  readonly batchSize: number;
}

export interface KerasPart {
  readonly began: readonly NamedBits[];
  readonly ended: readonly NamedBits[];
  readonly losses: readonly number[];
  readonly devices: number;
  /** How the first kernel lies on the devices. */
  readonly sharding: string;
}

const DEVICES = 8;

/** Trains in real Keras. Rejects with what Python said last. */
export async function trainInKeras(python: string, folder: string, job: Job): Promise<KerasPart> {
  const { backend, pixels, labels, orders, ...rest } = job;
  const files = { pixels, labels, orders };
  const paths = Object.entries(files).map(([name, array]) => {
    const path = join(folder, name);
    writeFileSync(path, array);
    return [name, path];
  });
  const path = join(folder, "job.json");
  writeFileSync(path, JSON.stringify({ ...rest, ...Object.fromEntries(paths) }));
  const flags = job.distribution === "none" ? {} : { XLA_FLAGS: `--xla_force_host_platform_device_count=${DEVICES}` };
  const printed = await run(python, ["-B", SCRIPT, path], { ...process.env, KERAS_BACKEND: backend, ...flags });
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "") as KerasPart; // keras_part.py writes it
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(stdout);
      else
        reject(new Error(`Keras' part ended with code ${code}:\n${stderr.trim().split("\n").slice(-12).join("\n")}`));
    });
  });
}
