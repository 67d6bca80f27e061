// A saved config in which one value is of another type, or of none that makes sense: what is wrong is said by this package,
// with a name, and not by the engine that stumbled over it.
import { unzipSync, zipSync } from "fflate";
import { deserialize, StateError, StateMismatchError } from "rmsprop";
import { KerasFileError, readKeras } from "rmsprop/keras";
import { expect, test } from "vitest";
import { isThorough } from "../seed.js";
import { fixture } from "./expected.js";

const FILES = [
  "jax-everything",
  "jax-mixed",
  "jax-accumulating",
  "tensorflow-attentive",
  "tensorflow-nested",
  "tensorflow-adamw",
];
const USUAL = FILES.slice(0, 3);
const VALUES = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  [],
  {},
  [[[]]],
  [[1, "x"], {}],
  [null],
  { class_name: "Dense", config: null },
];
// A prime, so that all values have their turn.
const STEP = isThorough ? 1 : 53;
const OWN_MESSAGE = /^(readKeras|deserialize|[A-Z]\w+): /;
const OF_THE_ENGINE =
  /Cannot (read|convert|destructure|mix)|is not (a function|iterable|defined)|Invalid (array|typed array)|call stack/;

type Path = readonly (string | number)[];
type Json = Readonly<Record<string | number, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** Where values are within another one. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  const inner = isObject(value) ? Object.keys(value).flatMap((key) => pathsIn(value[key], [...path, key])) : [];
  return path.length === 0 ? inner : [path, ...inner];
}

/** The same with another value in that place. */
function replaced(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined || !isObject(value)) return other;
  const copy: Record<string | number, unknown> = Array.isArray(value) ? Object.assign([], value) : { ...value };
  copy[key] = replaced(value[key], rest, other);
  return copy;
}

/** Every `STEP`th config with one value replaced, and how it differs. */
function* changesOf(config: unknown): Generator<readonly [changed: unknown, what: string]> {
  const all = pathsIn(config).flatMap((path) => VALUES.map((value) => [path, value] as const));
  for (const [i, [path, value]] of all.entries()) {
    if (i % STEP === 0) yield [replaced(config, path, value), `${path.join(".")}=${JSON.stringify(value)}`];
  }
}

/** An error's message; fails for one that is not of this package. */
function messageOf(error: unknown): string {
  const isNamed = [KerasFileError, StateMismatchError, StateError].some((kind) => error instanceof kind);
  if (isNamed) return (error as Error).message; // of one of those
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
  expect(error.message).toMatch(OWN_MESSAGE);
  return error.message;
}

/** What `readKeras` says of the file. */
async function saidBy(members: Record<string, Uint8Array>): Promise<string> {
  try {
    const file = await readKeras(zipSync(members, { level: 0 }));
    file.dispose();
    return file.optimizerProblem ?? "";
  } catch (error) {
    return messageOf(error);
  }
}

function saidOf(optimizer: unknown): string {
  try {
    deserialize(optimizer as never).dispose();
    return "";
  } catch (error) {
    return messageOf(error);
  }
}

test.each(isThorough ? FILES : USUAL)(
  "a value of another type in the config of %s.keras",
  { timeout: 600_000 },
  async (name) => {
    const members = unzipSync(fixture(`${name}.keras`));
    const config = JSON.parse(new TextDecoder().decode(members["config.json"]));
    for (const [changed, what] of changesOf(config)) {
      const text = new TextEncoder().encode(JSON.stringify(changed));
      expect(await saidBy({ ...members, "config.json": text }), what).not.toMatch(OF_THE_ENGINE);
    }
    for (const [changed, what] of changesOf(config.compile_config.optimizer)) {
      expect(saidOf(changed), what).not.toMatch(OF_THE_ENGINE);
    }
  },
);
