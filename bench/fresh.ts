// Runs one case in a fresh process: child.ts.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vulkanEnvironment } from "../test/webgpu/vulkan.js";
import type { Result } from "./result.js";
import type { Settings } from "./settings.js";
import { TABLES, type TableName } from "./tables/index.js";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

export interface CaseRequest {
  readonly table: TableName;
  /** Which of the table's cases. */
  readonly index: number;
  readonly settings: Settings;
}

/** All cases of a table, one after the other; `onCase` is told how many are done. */
export async function measureTable(
  table: TableName,
  settings: Settings,
  onCase: (done: number, of: number) => void,
): Promise<Result[]> {
  const cases = TABLES[table](settings);
  const results: Result[] = [];
  for (const [index, { facts, parameters }] of cases.entries()) {
    onCase(index, cases.length);
    const measured = await runChild({ table, index, settings });
    results.push(typeof measured === "string" ? { facts, parameters, measured: [], missing: [measured] } : measured);
  }
  return results;
}

/** The result, or how the process ended without one: memory that runs out may end it. */
function runChild(request: CaseRequest): Promise<Result | string> {
  return new Promise((resolve) => {
    const env = request.table === "webgpu" ? { ...process.env, ...vulkanEnvironment() } : process.env;
    const child = fork(CHILD, [JSON.stringify(request)], { env });
    let result: Result | null = null;
    child.once("message", (message) => {
      result = message as Result; // child.ts sends nothing else.
    });
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(result ?? `its process ended with ${signal ?? `code ${code}`}`));
  });
}
