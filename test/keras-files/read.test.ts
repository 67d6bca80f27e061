// Files that real Keras saved: what is read of them is what Keras holds, in every bit, and they are written as they were.
import { AdamW, constraints, RMSprop, StateMismatchError, Variable } from "rmsprop";
import { type KerasFile, readKeras, writeWeights } from "rmsprop/keras";
import { describe, expect, test } from "vitest";
import { choice } from "../seed.js";
import { type Expected, expectations, fixture, hexOf } from "./expected.js";

const JAX = ["everything", "mixed", "accumulating", "sgd", "adam", "adamw", "lion"];
const CASES = [...expectations("tensorflow"), ...expectations("jax").filter(({ name }) => JAX.includes(name))];
const KNOWN = CASES.filter(({ name }) => name !== "adafactor");

/** The weights and optimizer variables of a file as Keras' bytes. */
function bitsOf({ weights, optimizer }: KerasFile, expected: Expected) {
  return {
    weights: weights.map(({ value, shape, trainable }, i) => ({
      ...{ shape, trainable, hex: hexOf(value, expected.weights[i]?.dtype ?? "float32") },
    })),
    optimizer: optimizer?.variables.map(({ value, shape }, i) => ({
      ...{ shape, hex: hexOf(value, expected.optimizer[i]?.dtype ?? "float32") },
    })),
  };
}

function kerasBits({ name, weights, optimizer }: Expected) {
  const isBuilt = name !== "untrained"; // Keras saved it before it had slots
  return {
    weights: weights.map(({ shape, trainable, hex }) => ({ shape, trainable, hex })),
    optimizer: isBuilt ? optimizer.map(({ shape, hex }) => ({ shape, hex })) : expect.anything(),
  };
}

const nameOf = ({ backend, name }: Expected) => `${backend}-${name}.keras`;

describe("readKeras", () => {
  test.each(KNOWN.map((c) => [nameOf(c), c] as const))(
    "reads of %s what Keras holds, in every bit",
    async (name, c) => {
      const file = await readKeras(fixture(name));
      expect(file.optimizerProblem).toBeNull();
      expect(bitsOf(file, c)).toEqual(kerasBits(c));
      expect(file.optimizer?.iterations).toBe(c.iterations);
      expect(file.optimizer?.learningRate).toBe(c.learning_rate);
      file.dispose();
    },
  );

  test.each(KNOWN.map((c) => [nameOf(c), c] as const))("names the slots of %s as Keras does", async (name, c) => {
    const file = await readKeras(fixture(name));
    // Keras puts the name of a Sequential before those of its layers.
    const theirs = c.optimizer.map(({ path }) =>
      path
        .split("/")
        .at(-1)
        ?.replace(/^sequential_/, ""),
    );
    expect(file.optimizer?.variables.map((variable) => variable.name).slice(0, theirs.length)).toEqual(theirs);
    file.dispose();
  });

  test.each(KNOWN.filter(({ name }) => name !== "untrained").map(nameOf))(
    "writes the HDF5 of %s as it was, byte for byte, and everything the same twice",
    async (name) => {
      const file = await readKeras(fixture(name));
      const [first, second] = [await file.toBytes(), await file.toBytes()];
      expect(Buffer.compare(first, second)).toBe(0);
      expect(membersOf(first)).toEqual(membersOf(fixture(name)));
      file.dispose();
    },
  );

  test("writes what was trained since", async () => {
    const file = await readKeras(fixture("tensorflow-everything.keras"));
    const trained = file.weights.filter(({ trainable }) => trainable);
    file.optimizer?.apply(trained.map(({ size }) => new Float32Array(size).fill(0.1)));
    const again = await readKeras(await file.toBytes());
    const state = ({ weights, optimizer }: KerasFile) =>
      [...weights, ...(optimizer?.variables ?? [])].map(({ value }) => Array.from(value));
    expect(state(again)).toEqual(state(file));
    expect(again.optimizer?.iterations).toBe(7);
  });

  test("writes slots into a file that was saved before its first step", async () => {
    const file = await readKeras(fixture("tensorflow-untrained.keras"));
    file.optimizer?.apply(file.weights.map(({ size }) => new Float32Array(size).fill(0.1)));
    const again = await readKeras(await file.toBytes());
    expect(again.optimizer?.iterations).toBe(1);
    expect(again.optimizer?.variables.map(({ value }) => Array.from(value))).toEqual(
      file.optimizer?.variables.map(({ value }) => Array.from(value)),
    );
  });

  test("reads weights of a file of another optimizer, and says which", async () => {
    const file = await readKeras(fixture("tensorflow-adafactor.keras"));
    const [adafactor] = CASES.filter(({ name }) => name === "adafactor");
    expect(file.optimizer).toBeNull();
    expect(file.optimizerProblem).toMatch(/Adafactor.*Known are RMSprop, SGD, Adam, AdamW, Lion/);
    expect(file.weights.map(({ value }) => hexOf(value, "float32"))).toEqual(adafactor?.weights.map(({ hex }) => hex));
  });

  test.each<readonly [string, object, RegExp]>([
    ["a decay", { decay: 1e-6 }, /decay must be 0 or null, .*"class_name":"InverseTimeDecay","config":\{"initial/],
    [
      "an argument that Keras 3 refuses",
      { jit_compile: false },
      /jit_compile must be a known argument; .*Leave it out/,
    ],
  ])("reads weights of a file whose optimizer has %s of Keras 2, and says what to do", async (_, more, problem) => {
    const file = await plainFileWith(more);
    const [plain] = CASES.filter(({ name }) => name === "plain");
    expect(file.optimizer).toBeNull();
    expect(file.optimizerProblem).toMatch(/^The optimizer was left out\. RMSprop: /);
    expect(file.optimizerProblem).toMatch(problem);
    expect(file.weights.map(({ value }) => hexOf(value, "float32"))).toEqual(plain?.weights.map(({ hex }) => hex));
  });

  test("reads the optimizer of a file whose decay is 0, as Keras 3 does", async () => {
    const file = await plainFileWith({ decay: 0 });
    expect([file.optimizer?.iterations, file.optimizerProblem]).toEqual([3, null]);
  });

  test("reads a .weights.h5 file with the optimizer that it is told", async () => {
    const file = await readKeras(fixture("tensorflow-plain.weights.h5"), { optimizer: new RMSprop() });
    expect(file.optimizer?.iterations).toBe(3);
    expect(file.optimizer?.learningRate).toBe(Math.fround(0.01));
    expect(Buffer.compare(await file.toBytes(), fixture("tensorflow-plain.weights.h5"))).toBe(0);
  });

  test("asks for the config where the layers of a .weights.h5 file have no order", async () => {
    const bytes = fixture("tensorflow-nested.weights.h5");
    const { config } = await readKeras(fixture("tensorflow-nested.keras"));
    const without = await readKeras(bytes, { optimizer: "rmsprop" });
    expect([without.optimizer, without.optimizerProblem]).toEqual([null, expect.stringMatching(/options\.config/)]);
    const file = await readKeras(bytes, { config: config ?? {} });
    expect(file.optimizer?.iterations).toBe(4);
  });

  test("lists what does not fit when the file is one of another model", async () => {
    const { config } = await readKeras(fixture("tensorflow-nested.keras"));
    const wrong = readKeras(fixture("tensorflow-plain.weights.h5"), { config: config ?? {} });
    await expect(wrong).rejects.toBeInstanceOf(StateMismatchError);
    await expect(wrong).rejects.toThrow(/layers\/sequential\/layers\/dense\/vars\/0, which the file lacks/);
  });

  test("leaves the state to the file where the optimizer has other slots, and says so with both lists", async () => {
    const optimizer = new RMSprop({ momentum: 0.9 });
    const file = await readKeras(fixture("tensorflow-plain.weights.h5"), { optimizer });
    expect(file.optimizerProblem).toMatch(/^Its state was left out: .*dense_kernel_momentum \[4,3\].*received \(6\)/s);
    expect([file.weights.length, file.optimizer, optimizer.built]).toEqual([4, null, false]);
  });

  test.each([
    ["tensorflow-sgd.keras", new RMSprop(), "SGD, not of RMSprop"],
    ["jax-lion.keras", new RMSprop(), "Lion, not of RMSprop"],
    ["tensorflow-adam.keras", new AdamW(), "Adam, not of AdamW"],
  ])("leaves the state of %s to the file when another optimizer asks for it", async (name, optimizer, whose) => {
    const file = await readKeras(fixture(name), { optimizer });
    expect(file.optimizerProblem).toBe(`Its state was left out: it is that of ${whose}.`);
    expect([file.weights.length > 0, file.optimizer, optimizer.built]).toEqual([true, null, false]);
  });

  test("says which constraint is not known, and takes it from customObjects", async () => {
    const bytes = fixture("tensorflow-plain.keras");
    const { config } = await readKeras(bytes, { optimizer: null });
    const text = JSON.stringify(config).replace(
      '"kernel_constraint":null',
      '"kernel_constraint":{"class_name":"Halved","config":{}}',
    );
    const other = JSON.parse(text);
    const without = await readKeras(bytes, { config: other });
    expect(without.notes.join()).toMatch(/^The constraint of dense_kernel was left out: .*Halved.*customObjects/);
    expect([without.optimizer?.iterations, without.weights[0]?.constraint]).toEqual([3, null]);
    class Halved extends constraints.Constraint {
      static override readonly className = "Halved";
      override call(value: Float32Array | Float64Array) {
        return value.map((each) => each / 2);
      }
      static override fromConfig() {
        return new Halved();
      }
    }
    const file = await readKeras(bytes, { config: other, customObjects: { Halved } });
    expect([file.notes, file.weights[0]?.constraint]).toEqual([[], expect.any(Halved)]);
  });

  test("reads weights alone where no optimizer is asked for", async () => {
    const file = await readKeras(fixture("tensorflow-plain.keras"), { optimizer: null });
    expect([file.weights.length, file.optimizer]).toEqual([4, null]);
    expect(file.optimizerProblem).toBe("It was not asked for: options.optimizer is null.");
  });

  test("an optimizer that is none is refused", async () => {
    const bytes = fixture("tensorflow-plain.keras");
    await expect(readKeras(bytes, { optimizer: "rmspop" })).rejects.toThrow(/rmspop/);
    await expect(readKeras(bytes, { optimizer: 5 as never })).rejects.toThrow(TypeError);
  });
});

describe("writeWeights", () => {
  const trained = KNOWN.filter(({ name }) => name !== "untrained");
  test.concurrent.each(choice(trained, 3).map((c) => [nameOf(c), c] as const))(
    "writes weights and optimizer of %s, and the same bytes twice",
    async (name, c) => {
      const file = await readKeras(fixture(name));
      const { config, weights, optimizer } = file;
      const options = { config: config ?? {}, weights, optimizer };
      const first = await writeWeights(options);
      await new Promise((resolve) => setTimeout(resolve, 1100)); // HDF5 would note the second
      expect(Buffer.compare(first, await writeWeights(options))).toBe(0);
      const again = await readKeras(first, { config: config ?? {} });
      expect(bitsOf(again, c)).toEqual(kerasBits(c));
    },
  );

  test("takes layers instead of a config", async () => {
    const [kernel, bias, out] = ["dense_kernel", "dense_bias", "dense_1_kernel"].map(
      (name) => new Variable(new Float32Array(4).fill(0.5), { name }),
    );
    if (!kernel || !bias || !out) throw new Error("three variables were made");
    const optimizer = new RMSprop();
    optimizer.apply([[1, 1, 1, 1], [1, 1, 1, 1], null], [kernel, bias, out]);
    const layers = [
      { className: "Dense", weights: [kernel, bias] },
      { className: "Dense", weights: [out] },
    ];
    const bytes = await writeWeights({ layers, optimizer });
    const file = await readKeras(bytes, { optimizer: "rmsprop" });
    expect(file.weights.map(({ value }) => Array.from(value))).toEqual(
      [kernel, bias, out].map(({ value }) => Array.from(value)),
    );
    expect(file.optimizer?.iterations).toBe(1);
  });

  test("refuses an optimizer that was built in another order", async () => {
    const file = await readKeras(fixture("tensorflow-plain.keras"));
    const optimizer = new RMSprop();
    optimizer.build([...file.weights].reverse());
    const wrong = writeWeights({ config: file.config ?? {}, weights: file.weights, optimizer });
    await expect(wrong).rejects.toThrow(/in another order/);
  });
});

/** A file whose optimizer's config has more in it. */
async function plainFileWith(more: object): Promise<KerasFile> {
  const bytes = fixture("tensorflow-plain.keras");
  const { config } = await readKeras(bytes);
  const compiled = config?.compile_config as { readonly optimizer: { readonly config: object } }; // it was saved compiled
  const optimizer = { ...compiled.optimizer, config: { ...compiled.optimizer.config, ...more } };
  return readKeras(bytes, { config: { ...config, compile_config: { ...compiled, optimizer } } });
}

/** The bytes of each stored member of a zip, by name. */
function membersOf(bytes: Uint8Array): Record<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members: Record<string, string> = {};
  for (let at = 0; view.getUint32(at, true) === 0x04034b50; ) {
    const [length, name, extra] = [
      view.getUint32(at + 18, true),
      view.getUint16(at + 26, true),
      view.getUint16(at + 28, true),
    ];
    const start = at + 30 + name + extra;
    const key = Buffer.from(bytes.subarray(at + 30, at + 30 + name)).toString();
    members[key] = Buffer.from(bytes.subarray(start, start + length)).toString("hex");
    at = start + length;
  }
  return members;
}
