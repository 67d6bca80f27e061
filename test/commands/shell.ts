// Blocks of commands as a reader runs them: in a shell, in a folder, without what a test runner puts into the environment.
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { type Block, blocksOf, PAGES } from "../docs/blocks.js";

/** All blocks of commands of the README and the guide, but those of whole set-ups. */
export const COMMANDS: readonly Block[] = PAGES.flatMap(blocksOf).filter(
  ({ language, marker }) => language === "sh" && marker === null,
);

/** Whether it installs the package, as users do, or is run in a clone of the repository. */
export const isInstall = ({ code }: Block): boolean => code.startsWith("npm install ");

const OF_RUNNERS = /^(npm_(lifecycle|package)_|VITEST|RMSPROP_)|^(NODE_ENV|TEST|MODE|DEV|PROD|SSR|BASE_URL|INIT_CWD)$/;
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_RUNNERS.test(name)));

const MINUTE_MS = 60_000;

/** What is done with commands that do not end by themselves. */
interface Watch {
  /** Whether what they have printed is what they were run for. */
  readonly isEnough: (printed: string) => boolean;
  /** What follows; then they are stopped. */
  readonly act: (printed: string) => Promise<void>;
}

/** Runs commands to their end, or as far as `watch` wants, and gives what they printed; an error with it where they fail. */
export async function run(folder: string, code: string, watch: Watch | null = null): Promise<string> {
  // A group of its own, so that all that it starts can be stopped.
  const shell = spawn("bash", ["--norc", "-euo", "pipefail", "-c", code], {
    ...{ cwd: folder, env: environment, detached: true },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => shell.pid !== undefined && process.kill(-shell.pid);
  const timer = setTimeout(stop, (watch ? 3 : 25) * MINUTE_MS);
  let printed = "";
  let complained = "";
  let acting: Promise<void> | null = null;
  const ended = new Promise<number | null>((resolve) => shell.on("close", resolve));
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    complained += text;
  });
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed = stripVTControlCharacters(printed + text);
    if (watch === null || acting !== null || !watch.isEnough(printed)) return;
    acting = watch.act(printed).finally(stop);
    acting.catch(() => undefined); // it is awaited when the commands have ended
  });
  const status = await ended;
  clearTimeout(timer);
  if (acting !== null) await acting;
  else if (status !== 0)
    throw new Error(`${code.trim()} ended with ${status}:\n${printed.slice(-3000)}\n${complained.slice(-3000)}`);
  return printed;
}
