// Bytes that are no file of Keras: what they are, as far as their beginning tells, and what to do.

/** What begins with these characters. */
const BEGINNINGS: readonly (readonly [start: RegExp, what: string])[] = [
  [/^$/, "there are no bytes. Was the file written to the end?"],
  [
    /^version https:\/\/git-lfs\.github\.com\/spec/,
    "this is a pointer of Git LFS, not the file itself. Run git lfs pull, or download the file from the page of the repository.",
  ],
  [/^\s*<(!doctype|html|\?xml)/i, "this is a page, not a file of weights. Download the file itself, the raw one."],
  [/^.{7}\0\{/s, "this is a safetensors file. loadCheckpoint reads those of this package."],
  [
    /^\s*\{.*"(weight_map|weightsManifest|modelTopology)"/s,
    "this is JSON that lists other files, which hold the weights.",
  ],
  [/^\s*\{/, "this is JSON, which holds no weights. Pass it as options.config with the file of the weights."],
  [/^\x80.?c?/s, "this is a pickle of Python, which can run code when it is read. Save the weights with Keras."],
  [/^GGUF/, "this is a GGUF file."],
  [/^.{4}TFL3/s, "this is a model of TensorFlow Lite, which has no optimizer. Save the Keras model as .keras."],
];

const SHOWN_BYTES = 512;

/** Says what bytes are that are neither a zip nor HDF5. */
export function foreignKind(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, SHOWN_BYTES));
  const [, what] = BEGINNINGS.find(([beginning]) => beginning.test(start)) ?? [];
  return `these bytes are neither a zip (.keras) nor HDF5 (.weights.h5, .h5)${what === undefined ? "" : `: ${what}`}`;
}

/** What a zip is that has no config of a model. */
export function foreignZip(members: readonly string[]): string | null {
  if (members.some((name) => name.endsWith("data.pkl")))
    return "this is a file of PyTorch. Save the weights with Keras";
  if (members.some((name) => name.endsWith("saved_model.pb"))) {
    return "this is a zip of a SavedModel of TensorFlow. Load it with Keras and save it as .keras";
  }
  return members.some((name) => name.endsWith(".npy")) ? "this is a file of NumPy arrays (.npz)" : null;
}
