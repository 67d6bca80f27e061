// `npm run test:types`: installs the packed package beside each compiler and checks a user's program for each entry point.
// Words leave a part of it: `npm run test:types -- 5.9 bundler`. It installs packages.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { pack, runIn } from "../package/installed.js";
import { type Group, isTried, type Matrix, matrixOf, optionsOf, type Setting } from "./matrix.js";

const PROGRAMS = fileURLToPath(new URL("./programs/", import.meta.url));
const RANGES: Readonly<Record<string, string>> = { ...manifest.devDependencies, ...manifest.peerDependencies };
const SHOWN = 10;
const WIDTH = 28;

/** `peers`: there are errors, and the packages beside ours have all of them alone, too. */
type Result = "clean" | "peers" | "FAILS";

/** A group's programs and the packages that they need, installed. */
interface User extends Group {
  readonly folder: string;
  /** The errors of the packages beside ours by version and setting: modules make no difference to them. */
  readonly theirs: Map<string, readonly string[]>;
}

const home = mkdtempSync(join(tmpdir(), "rmsprop-types-"));
try {
  process.exitCode = main(matrixOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(`test:types: ${error.message}`);
  process.exitCode = 2;
} finally {
  rmSync(home, { recursive: true, force: true });
}

function main(matrix: Matrix): number {
  const tarball = join(home, pack(home).filename);
  for (const version of matrix.versions) install(compilerOf(version), [`typescript@${version}`]);
  const results = matrix.groups.flatMap((group) => checkGroup(installUser(group, tarball), matrix));
  return results.includes("FAILS") ? 1 : 0;
}

function compilerOf(version: string): string {
  return join(home, `typescript-${version}`);
}

function installUser(group: Group, tarball: string): User {
  const folder = join(home, group.entries.join("-").replaceAll("/", "-"));
  const packages = [...group.packages, "@types/node"].map((name) => `${name}@${RANGES[name] ?? "latest"}`);
  install(folder, [tarball, ...packages]);
  cpSync(PROGRAMS, folder, { recursive: true });
  writeFileSync(join(folder, "peers.ts"), group.packages.map((name) => `import type {} from "${name}";\n`).join(""));
  return { ...group, folder, theirs: new Map() };
}

function install(folder: string, packages: readonly string[]): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  runIn(folder, "npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", "--prefer-offline", ...packages]);
}

/** Prints the table of a group as it grows. */
function checkGroup(user: User, { settings, versions }: Matrix): Result[] {
  console.log(`\n${user.entries.join(", ")}`);
  printRow("", versions);
  const results = settings
    .filter((setting) => isTried(user, setting))
    .flatMap((setting) => {
      const row = versions.map((version) => check(user, setting, version));
      printRow(Object.values(setting).join(" "), row);
      return row;
    });
  if (results.includes("peers")) console.log(`peers: ${user.problem}`);
  return results;
}

function printRow(head: string, row: readonly string[]): void {
  console.log([`  ${head}`.padEnd(WIDTH), ...row.map((cell) => cell.padEnd(6))].join(" ").trimEnd());
}

function check(user: User, setting: Setting, version: string): Result {
  const programs = user.entries.map((entry) => `${entry.replaceAll("/", "-")}.ts`);
  const errors = errorsOf(user, setting, version, programs);
  if (errors.length === 0) return "clean";
  const theirs = user.problem === null ? [] : theirErrors(user, setting, version);
  const ours = errors.filter((error) => !theirs.includes(error));
  if (ours.length === 0) return "peers";
  console.log(ours.slice(0, SHOWN).join("\n"));
  return "FAILS";
}

function theirErrors(user: User, setting: Setting, version: string): readonly string[] {
  const key = [version, setting.platform, setting.optional].join();
  const errors = user.theirs.get(key) ?? errorsOf(user, setting, version, ["peers.ts"]);
  user.theirs.set(key, errors);
  return errors;
}

function errorsOf({ folder }: User, setting: Setting, version: string, files: readonly string[]): string[] {
  const config = { compilerOptions: optionsOf(setting), files };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(compilerOf(version), "node_modules/typescript/bin/tsc");
  const parameters = [compiler, "-p", folder, "--pretty", "false"];
  const { stdout, stderr, status } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: "utf8" });
  const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
  if (status !== 0 && errors.length === 0) throw new Error(`tsc of TypeScript ${version} failed:\n${stdout}${stderr}`);
  return errors;
}
