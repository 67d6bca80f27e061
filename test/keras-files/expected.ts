// The committed files of real Keras, and what Keras itself holds of each.
import { readFileSync } from "node:fs";

interface ExpectedArray {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly hex: string;
  readonly trainable?: boolean;
}

export interface Expected {
  readonly name: string;
  readonly backend: string;
  readonly weights: readonly ExpectedArray[];
  readonly optimizer: readonly ExpectedArray[];
  readonly iterations: number;
  readonly learning_rate: number;
}

const FIXTURES = new URL("./fixtures/", import.meta.url);

export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FIXTURES)));

/** What Keras holds in each case, by the backend that it ran on. */
export function expectations(backend: string): Expected[] {
  const lines = readFileSync(new URL(`expected-${backend}.jsonl`, FIXTURES), "utf8")
    .trim()
    .split("\n");
  // make_files.py writes them.
  return lines.map((line) => ({ ...(JSON.parse(line) as Expected), backend }));
}

/** The bytes of numbers in a type of a file, in hexadecimal. */
export function hexOf(values: ArrayLike<number>, dtype: string): string {
  const types: Readonly<Record<string, (values: ArrayLike<number>) => ArrayBufferView>> = {
    float32: (numbers) => Float32Array.from(numbers),
    int32: (numbers) => Int32Array.from(numbers),
    int64: (numbers) => BigInt64Array.from(Array.from(numbers, BigInt)),
  };
  const bytes = types[dtype]?.(values);
  if (bytes === undefined) throw new Error(`no bytes of ${dtype}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
