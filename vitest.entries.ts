// Where the tests find the entry points of the package: in the sources, or in what was built of them.
import { fileURLToPath } from "node:url";

interface Alias {
  readonly find: RegExp;
  readonly replacement: string;
}

/** The files of the package in one of both places. */
export interface Entries {
  readonly core: Alias;
  readonly faces: readonly Alias[];
}

const FACES = ["jax", "tfjs", "webgpu", "keras", "keras/tfjs", "node"];

export function entriesIn(folder: "src" | "dist"): Entries {
  const extension = folder === "src" ? "ts" : "js";
  const alias = (name: string, path: string): Alias => ({
    find: new RegExp(`^${name}$`),
    replacement: fileURLToPath(new URL(`./${folder}/${path}.${extension}`, import.meta.url)),
  });
  return { core: alias("rmsprop", "index"), faces: FACES.map((face) => alias(`rmsprop/${face}`, `${face}/index`)) };
}
