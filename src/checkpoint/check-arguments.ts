// The arguments that saveCheckpoint and loadCheckpoint of every face have in common.
import { isBytes, ownView } from "../check/built-ins.js";
import { Argument } from "../check/errors.js";

/** Bytes as a plain Uint8Array, which Node's Buffer is not: its `slice` is a view. A TypeError for anything else. */
export function checkedBytes(owner: string, received: unknown): Uint8Array {
  if (isBytes(received)) return ownView(received);
  const remedy = "Pass what saveCheckpoint gave, or new Uint8Array(buffer).";
  throw new Argument(owner, "bytes").badKind("be a Uint8Array", received, remedy);
}

/** Throws a TypeError for anything but an object of texts. */
export function checkMetadata(owner: string, metadata: unknown): Readonly<Record<string, string>> {
  const argument = new Argument(owner, "metadata");
  const remedy = 'Pass { epoch: "3" }, for example; options come after it.';
  if (Object.prototype.toString.call(metadata) !== "[object Object]") {
    throw argument.badKind("be one object", metadata, remedy);
  }
  const texts = metadata as Readonly<Record<string, string>>; // its tag says that it is an object, the loop the rest
  for (const [key, received] of Object.entries(texts)) {
    if (typeof received !== "string") throw argument.field(key).badKind("be a string", received, remedy);
  }
  return texts;
}
