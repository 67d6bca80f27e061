// A Python with the peers of table (c): a private virtual environment in .venv-bench/, made once and made anew when
// versions change.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../.venv-bench/", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));
/** A copy of the requirements, left there when all of them were installed. */
const INSTALLED = `${FOLDER}requirements.txt`;
const PYTHON = `${FOLDER}${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`;

/** The Python with the peers, or null when they were not installed. */
export function installedPython(): string | null {
  const complete = existsSync(PYTHON) && existsSync(INSTALLED);
  return complete && readFileSync(INSTALLED, "utf8") === readFileSync(REQUIREMENTS, "utf8") ? PYTHON : null;
}

/** The same, installed if need be; `say` is told so. Throws an Error that says what is missing. */
export function installPython(say: (line: string) => void): string {
  const installed = installedPython();
  if (installed !== null) return installed;
  say("Installing the Python peers into .venv-bench (once; some 7 GB, minutes) ...");
  rmSync(FOLDER, { recursive: true, force: true });
  const system = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
  run(system, ["-m", "venv", FOLDER], "Install Python 3.11 or later with venv, or set PYTHON to the one to use.");
  run(PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS], NO_REGISTRY);
  copyFileSync(REQUIREMENTS, INSTALLED);
  return PYTHON;
}

const NO_REGISTRY = "Is a Python package registry within reach, with 8 GB free on this disk?";

function run(command: string, args: readonly string[], remedy: string): void {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error?.message ?? `${stderr}${stdout}`.trim().split("\n").slice(-5).join("\n");
  throw new Error(`${command} ${args[1]} failed: ${reason}\n${remedy}`);
}
