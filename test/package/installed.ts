// The package as it is published: packed, and installed in a folder as a user would.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm pack` says of the package. */
export interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Runs a command in a folder and returns what it printed. */
export function runIn(cwd: string, command: string, parameters: readonly string[]): string {
  return execFileSync(command, parameters, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Packs what was built into a folder. */
export function pack(folder: string): Packed {
  const parameters = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(runIn(ROOT, "npm", parameters)) as [Packed]; // one package was packed
  return packed;
}

/** Packs what was built and installs it in an empty folder, which becomes a package of its own. */
export function installPacked(folder: string): Packed {
  const packed = pack(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const quiet = ["--offline", "--no-audit", "--no-fund", "--legacy-peer-deps"];
  runIn(folder, "npm", ["install", ...quiet, join(folder, packed.filename)]);
  return packed;
}
