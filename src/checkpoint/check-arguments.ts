// The arguments that saveCheckpoint and loadCheckpoint of every face have in common.
import type { Argument, Arguments } from "../check/argument.js";
import { isBytes, ownView } from "../check/built-ins.js";
import { HEADER_LIMITS } from "./safetensors.js";
import type { LoadOptions, ResolvedLoadOptions } from "./saved-run.js";

/** Bytes as a plain Uint8Array, which Node's Buffer is not: its `slice` is a view. A TypeError for anything else. */
export function checkedBytes(argument: Argument, received: unknown): Uint8Array {
  if (isBytes(received)) return ownView(received);
  throw argument.badKind("be a Uint8Array", received, "Pass what saveCheckpoint gave, or new Uint8Array(buffer).");
}

/** Throws a TypeError for anything but an object of texts. */
export function checkMetadata(argument: Argument, metadata: unknown): Readonly<Record<string, string>> {
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

/** How to read: throws a TypeError for anything but an object of known options. */
export function checkLoadOptions(argument: Arguments, options: LoadOptions = {}): ResolvedLoadOptions {
  argument("options").keys(options, ["checksum", "limits"]);
  const { checksum = true, limits: given = {} } = options;
  argument("limits").keys(given, Object.keys(HEADER_LIMITS));
  const { headerByteLength = HEADER_LIMITS.headerByteLength, arrays = HEADER_LIMITS.arrays } = given;
  const count = (name: string, value: number): number =>
    argument(`limits.${name}`).number(value, { integer: true, min: 1 });
  return {
    checksum: argument("checksum").boolean(checksum),
    limits: { headerByteLength: count("headerByteLength", headerByteLength), arrays: count("arrays", arrays) },
  };
}
