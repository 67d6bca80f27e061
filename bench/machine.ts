// Where and with what the figures were measured: without it they mean little.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The day, as 2026-01-31. */
  readonly date: string;
}

const PACKAGES = ["@tensorflow/tfjs-core", "@jax-js/jax"];

export function machineNow(): Machine {
  const { node, v8 } = process.versions;
  const peers = PACKAGES.map((name) => [name, versionIn(`../node_modules/${name}`)]);
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    versions: { rmsprop: versionIn(".."), node, v8, ...Object.fromEntries(peers) },
    date: new Date().toISOString().slice(0, 10),
  };
}

export function machineLine({ processor, cores, memoryGiB, system, versions, date }: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; ${list.join(", ")}; ${date}`;
}

function versionIn(folder: string): string {
  const file = new URL(`${folder}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
