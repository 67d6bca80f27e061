// `npm run test:keras-files`: real Keras makes files, we read them, train on and write them, and Keras loads ours and trains on,
// beside a run that never left it. Every array is compared in every bit: as it was read, after steps here on gradients that Keras
// has recorded, as Keras loads it, and after steps there. `-- adam folder` takes only these cases of live_models.py.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runDocs } from "./docs.js";
import { KerasProcess } from "./keras-process.js";
import { type Handed, type Trained, trainOn } from "./onward.js";
import { pythonWithTensorflow } from "./python.js";

const BACKENDS = ["tensorflow", "jax"];

/** What Keras says of a file that came back: how many bits differ. */
interface Checked {
  readonly backend: string;
  readonly file: string;
  readonly arrays: number;
  readonly before?: number;
  readonly losses?: boolean;
  readonly after?: number;
  readonly iterations?: number;
  /** How Keras fails on it. */
  readonly problem?: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const python = pythonWithTensorflow(console.log);
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-keras-files-"));
  try {
    const results = await Promise.allSettled(BACKENDS.map((backend) => handOver(python, folder, backend)));
    const found = results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    const trained = found.flatMap((each) => each.trained);
    const checked = found.flatMap((each) => each.checked);
    console.log(`blocks of the guide that ran: ${await runDocs(python)}`);
    console.table(trained);
    console.table(checked);
    const wrong = [
      ...trained.filter(({ read, here }) => read !== 0 || here !== 0),
      ...checked.filter(({ before, after, losses }) => before !== 0 || after !== 0 || !losses),
    ];
    const arrays = [...trained, ...checked].reduce((sum, row) => sum + row.arrays, 0);
    console.log(
      `${trained.length} files read, ${checked.length} loaded, ${arrays} arrays; files that differ: ${wrong.length}`,
    );
    for (const row of wrong) console.log(row);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface HandedOver {
  readonly trained: readonly Trained[];
  readonly checked: readonly Checked[];
}

/** Keras waits in its process, with its models in memory, while we train. */
async function handOver(python: string, folder: string, backend: string): Promise<HandedOver> {
  const keras = new KerasProcess(python, folder, backend, process.argv.slice(2));
  try {
    await keras.made();
    const trained: Trained[] = [];
    for (const line of readFileSync(join(folder, `${backend}.jsonl`), "utf8")
      .trim()
      .split("\n"))
      trained.push(await trainOn(folder, JSON.parse(line) as Handed)); // hand_over.py writes it
    const checked = (await keras.checked()).map((line) => JSON.parse(line) as Checked);
    return { trained, checked };
  } finally {
    await keras.end();
  }
}
