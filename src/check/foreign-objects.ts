// What is handed over by mistake: a class for its instance, an array of another face of this package.

/** Whether a function is a class, of which an instance is wanted. */
export function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** By a property that arrays of the other faces do not have. What has it may come from another copy of a library. */
const FACES: Readonly<Record<string, string>> = {
  dataId: "rmsprop/tfjs",
  ref: "rmsprop/jax",
  ...{ getMappedRange: "rmsprop/webgpu", device: "rmsprop/webgpu" },
  assignAdd: "rmsprop",
};

/** What to do about an array of another face than the one that is here; `otherwise` for anything else. */
export function adviceForFace(value: unknown, here: string, otherwise: string): string {
  const isObject = typeof value === "object" && value !== null;
  const face = Object.entries(FACES).find(([property]) => isObject && property in value)?.[1] ?? here;
  return face === here ? otherwise : `Take the optimizer from "${face}", to which it belongs.`;
}
