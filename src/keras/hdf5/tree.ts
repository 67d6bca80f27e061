// The trees of an HDF5 file, which list the members of a group or the chunks of an array.
import { damaged } from "../errors.js";
import { checkLimit } from "../limits.js";
import type { FileBytes } from "./bytes.js";

const HEAD_BYTES = 24;

/** What a tree lists. */
export const TREE = { members: 0, chunks: 1 } as const;

interface Tree {
  readonly kind: 0 | 1;
  readonly keyBytes: number;
  /** How errors call the group or array. */
  readonly what: string;
}

/** What the lowest nodes of a tree point to. */
interface Leaf {
  readonly key: Uint8Array;
  readonly address: number;
}

/** All leaves in order. */
export function nodesBelow(file: FileBytes, root: number, { kind, keyBytes, what }: Tree): Leaf[] {
  const walk = (node: number, expectedLevel: number | null): Leaf[] => {
    const head = file.cursor(node, HEAD_BYTES, what).expect("TREE");
    const [foundKind, level, count] = [head.u8(), head.u8(), head.u16()];
    if (foundKind !== kind || level !== (expectedLevel ?? level)) {
      throw damaged(`${what} has a damaged tree${kind === TREE.chunks ? " of chunks" : ""}`);
    }
    checkLimit(file.limits, "depth", level, `the depth of the tree of ${what}`);
    const entries = file.cursor(node + HEAD_BYTES, count * (keyBytes + 8) + keyBytes, what);
    const found = Array.from({ length: count }, () => ({ key: entries.bytes(keyBytes), address: entries.u64() }));
    return level === 0 ? found : found.flatMap(({ address }) => walk(address, level - 1));
  };
  return walk(root, null);
}
