// The trees of an HDF5 file, which list the members of a group or the chunks of an array.
import type { Cursor } from "../cursor.js";
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

/** Gives each leaf in order: its key, and the address that it points to. */
export function visitLeaves(
  file: FileBytes,
  root: number,
  { kind, keyBytes, what }: Tree,
  visit: (key: Uint8Array, address: number) => void,
): void {
  const room = file.nodeSizes.trees[kind];
  const walk = (address: number, expectedLevel: number | null): void => {
    const node = file.cursor(address, HEAD_BYTES + room * (keyBytes + 8) + keyBytes, what).expect("TREE");
    const [foundKind, level, count] = [node.u8(), node.u8(), node.u16()];
    if (foundKind !== kind || level !== (expectedLevel ?? level) || count > room) {
      throw damaged(`${what} has a damaged tree${kind === TREE.chunks ? " of chunks" : ""}`);
    }
    checkLimit(file.limits, "depth", level, `the depth of the tree of ${what}`);
    node.skip(16); // the nodes beside it
    for (let i = 0; i < count; i++) {
      const key = node.bytes(keyBytes);
      if (level === 0) visit(key, node.u64());
      else walk(node.u64(), level - 1);
    }
    checkEmpty(node.skip(keyBytes), "tree");
  };
  walk(root, null);
}

/** Throws unless what is left of a node is empty, so that nothing is in it that its count leaves out. */
export function checkEmpty(node: Cursor, kind: string): void {
  if (node.bytes(node.left).some((byte) => byte !== 0)) throw damaged(`${node.what} has a ${kind} of another length`);
}
