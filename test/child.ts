// Programs of TypeScript that tests start as processes of their own, each made one file first: a loader would cost every
// start a second.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
// The built package is found by its name, the sources by the paths of tsconfig.json.
const TSCONFIG = join(ROOT, process.env.RMSPROP_DIST === "1" ? "tsconfig.build.json" : "tsconfig.json");

/** A program with all that it needs as one file that Node runs, wherever it lies. */
export const bundled = (program: string, outfile: string): Promise<string> => built(program, outfile, {});

/** Calls `use` with the path of a file that Node runs: the program, which finds packages as any module of the repository does. */
export async function withProgram<T>(program: string, use: (path: string) => T | Promise<T>): Promise<T> {
  mkdirSync(join(ROOT, "out"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "out/program-"));
  try {
    const path = join(folder, `${basename(program, ".ts")}.mjs`);
    // What modules do when they are imported stays, as where they are loaded one by one.
    return await use(await built(program, path, { packages: "external", ignoreAnnotations: true }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function built(program: string, outfile: string, more: BuildOptions): Promise<string> {
  const { buildSync } = await import("esbuild");
  const how = { bundle: true, platform: "node", format: "esm", tsconfig: TSCONFIG } as const;
  buildSync({ entryPoints: [program], outfile, ...how, ...more });
  return outfile;
}
