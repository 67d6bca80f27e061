// A Python with real Keras: a private virtual environment in .venv/, made once and made anew when versions change.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../.venv/", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("./requirements.txt", import.meta.url));
const IN_VENV = process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python";

/** What is missing, and what to do about it. */
export class PythonError extends Error {
  override readonly name = "PythonError";
}

/** The path of a Python that has the packages of requirements.txt; `say` is told what takes long. */
export function pythonWithKeras(say: (line: string) => void): string {
  const python = fileURLToPath(new URL(`../../${IN_VENV}`, import.meta.url));
  if (existsSync(python) && hasPackages(python)) return python;
  rmSync(FOLDER, { recursive: true, force: true });
  say("Installing Keras into .venv (once; some 700 MB, half a minute on a fast line) ...");
  makeEnvironment();
  const pip = spawnSync(
    python,
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS],
    { encoding: "utf8" },
  );
  if (pip.status === 0 && hasPackages(python)) return python;
  const reason = `${pip.stderr}${pip.stdout}`.trim().split("\n").slice(-5).join("\n");
  throw new PythonError(
    `pip could not install ${pins().join(", ")}.\n${reason}\nIs a Python package registry within reach, and is this Python 3.11 or later?`,
  );
}

/** The name and version of each package, as requirements.txt pins them. */
function pins(): string[] {
  return readFileSync(REQUIREMENTS, "utf8")
    .split("\n")
    .filter((line) => line.includes("=="));
}

function hasPackages(python: string): boolean {
  const script = "import importlib.metadata as m, sys; print(*(f'{n}=={m.version(n)}' for n in sys.argv[1:]))";
  const names = pins().map((pin) => pin.split("==")[0] ?? "");
  const { stdout, status } = spawnSync(python, ["-c", script, ...names], { encoding: "utf8" });
  return status === 0 && stdout.trim() === pins().join(" ");
}

function makeEnvironment(): void {
  const system = process.env.PYTHON ?? (process.platform === "win32" ? "python" : "python3");
  const { error, status, stdout, stderr } = spawnSync(system, ["-m", "venv", FOLDER], { encoding: "utf8" });
  if (error) {
    throw new PythonError(
      `${system} cannot be started (${error.message}). Install Python 3.11 or later, or set PYTHON to the one to use.`,
    );
  }
  if (status !== 0) {
    const reason = `${stderr}${stdout}`.trim();
    throw new PythonError(
      `${system} -m venv failed. Some systems have it in a package of its own, such as python3-venv.\n${reason}`,
    );
  }
}
