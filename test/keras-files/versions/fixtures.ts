// The committed files of the versions of Keras, unpacked, and what each Keras held when it saved them.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** A variable as Keras held it: its bytes in hexadecimal. */
export interface HeldArray {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly hex: string;
  readonly trainable?: boolean;
}

/** A file, and what its Keras held; `make_version_files.py` says what each field is. */
export interface VersionFile {
  readonly file: string;
  readonly keras: string;
  readonly kind: "hdf5" | "weights-by-name" | "weights" | "zip" | "sharded" | "folder";
  readonly case: string;
  readonly weights: readonly HeldArray[];
  readonly optimizer: {
    readonly class_name: string;
    readonly iterations: number;
    readonly learning_rate: number | null;
    readonly variables: readonly HeldArray[];
  } | null;
  readonly gradients?: readonly (readonly string[])[];
  readonly then?: { readonly weights: readonly string[] };
}

const FOLDER = fileURLToPath(new URL("./fixtures/", import.meta.url));

/** The bytes of a file; of one in a folder, by its path there. */
export const versionBytes = (name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(`${FOLDER}${name}.gz`)));

/** The names of the files in a folder. */
export const namesIn = (folder: string): string[] =>
  readdirSync(`${FOLDER}${folder}`).map((name) => name.replace(/\.gz$/, ""));

/** All files that are committed. */
export const VERSION_FILES: readonly VersionFile[] = readdirSync(FOLDER)
  .filter((name) => name.startsWith("expected-"))
  .flatMap((name) => {
    const lines = gunzipSync(readFileSync(FOLDER + name))
      .toString("utf8")
      .split("\n");
    return lines.filter(Boolean).map((line) => JSON.parse(line) as VersionFile); // make_version_files.py writes them
  })
  .filter(({ file }) => existsSync(`${FOLDER}${file}.gz`) || isFolder(file));

function isFolder(file: string): boolean {
  return existsSync(FOLDER + file) && statSync(FOLDER + file).isDirectory();
}

/** Whether that Keras is version 3. */
export const isKeras3 = ({ keras }: VersionFile): boolean => keras.startsWith("keras3");

/** The numbers of bytes in hexadecimal. */
export function floatsOf(hex: string): Float32Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(hex, "hex");
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
