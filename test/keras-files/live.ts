// `npm run test:keras-files`: real Keras makes files, we read and write them, and Keras loads ours and trains on, beside a
// run that never left it. Every array is compared in every bit.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readKeras, writeWeights } from "../../src/keras/index.js";
import { runDocs } from "./docs.js";
import { type Expected, expectations, hexOf } from "./expected.js";
import { pythonWithTensorflow } from "./python.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const BACKENDS = ["tensorflow", "jax"];

interface Checked {
  readonly backend: string;
  readonly name: string;
  readonly kind: string;
  readonly arrays: number;
  readonly before: number;
  readonly losses: boolean;
  readonly after: number;
  readonly iterations: number;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const python = pythonWithTensorflow(console.log);
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-keras-files-"));
  try {
    const rows: Checked[] = [];
    let unread = 0;
    for (const backend of BACKENDS) {
      run(python, ["make_files.py", folder], backend);
      for (const expected of expectations(backend, pathToFileURL(`${folder}/`)))
        unread += await rewrite(folder, expected);
      const lines = run(python, ["check_files.py", folder], backend).trim().split("\n");
      rows.push(...lines.map((line) => JSON.parse(line) as Checked)); // check_files.py writes them
    }
    console.log(`blocks of the guide that ran: ${await runDocs(python)}`);
    console.table(rows);
    const differing = rows.filter(({ before, after, losses }) => before !== 0 || after !== 0 || !losses);
    const arrays = rows.reduce((sum, row) => sum + row.arrays, 0);
    console.log(`${rows.length} files, ${arrays} arrays, ${differing.length} files differ; arrays misread: ${unread}`);
    return differing.length + unread === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads a file and writes it in both formats; how many arrays are not what Keras holds. */
async function rewrite(folder: string, { backend, name, weights, optimizer }: Expected): Promise<number> {
  const path = join(folder, `${backend}-${name}`);
  const file = await readKeras(readFileSync(`${path}.keras`));
  const read = [...file.weights, ...(file.optimizer?.variables ?? [])];
  const held = file.optimizer === null ? weights : [...weights, ...optimizer];
  const wrong = held.filter(({ hex, dtype }, i) => hexOf(read[i]?.value ?? [], dtype) !== hex);
  writeFileSync(`${path}.out.keras`, await file.toBytes());
  const options = { config: file.config ?? {}, weights: file.weights, optimizer: file.optimizer };
  writeFileSync(`${path}.out.weights.h5`, await writeWeights(options));
  file.dispose();
  return wrong.length;
}

function run(python: string, [script = "", ...rest]: readonly string[], backend: string): string {
  const env = { ...process.env, KERAS_BACKEND: backend, TF_CPP_MIN_LOG_LEVEL: "3" };
  const { status, stdout, stderr } = spawnSync(python, ["-B", join(HERE, script), ...rest], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${script} ended with ${status}:\n${stderr.slice(-3000)}`);
  return stdout;
}
