// A Python with real Keras on TensorFlow and JAX: a private virtual environment in .venv-tensorflow/, made once.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../.venv-tensorflow/", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));
/** A copy of the requirements, left there when all of them were installed. */
const INSTALLED = join(FOLDER, "requirements.txt");

/** The path of that Python, or of the one that KERAS_PYTHON names. Throws an Error that says what is missing. */
export function pythonWithTensorflow(say: (line: string) => void): string {
  const given = process.env.KERAS_PYTHON;
  if (given !== undefined) return given;
  const python = join(FOLDER, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const complete = existsSync(python) && existsSync(INSTALLED);
  if (complete && readFileSync(INSTALLED, "utf8") === readFileSync(REQUIREMENTS, "utf8")) return python;
  say("Installing Keras with TensorFlow and JAX into .venv-tensorflow (once; some 2 GB) ...");
  rmSync(FOLDER, { recursive: true, force: true });
  const system = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
  run(system, ["-m", "venv", FOLDER], "Install Python 3.11 or later with venv, or set PYTHON to the one to use.");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
  run(python, install, "Is a Python package registry within reach, with 3 GB free on this disk?");
  copyFileSync(REQUIREMENTS, INSTALLED);
  return python;
}

function run(command: string, args: readonly string[], remedy: string): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const reason = error?.message ?? `${stderr}${stdout}`.trim().split("\n").slice(-5).join("\n");
  throw new Error(`${command} ${args[1]} failed: ${reason}\n${remedy}`);
}
