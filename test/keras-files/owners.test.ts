// What only a config tells: whose class an object is, what a frozen model freezes, and which weights are guesses. Nothing of it is
// taken for what it is not.
import { RMSprop } from "rmsprop";
import { type KerasFile, readKeras } from "rmsprop/keras";
import { describe, expect, test } from "vitest";
import { fixture } from "./expected.js";
import { versionBytes } from "./versions/fixtures.js";

type Config = Record<string, unknown>;

/** The config of a file, changed; of layers within each other, as many as the names lead to. */
async function configOf(bytes: Uint8Array, change: (config: Config) => void): Promise<Config> {
  const { config, dispose } = await readKeras(bytes, { optimizer: null });
  dispose();
  const copy = JSON.parse(JSON.stringify(config)) as Config;
  change(copy);
  return copy;
}

const inner = (value: unknown, ...keys: readonly (string | number)[]): Config =>
  keys.reduce((object, key) => (object as Record<string, unknown>)[key], value) as Config;

const layerNamed = (model: Config, name: string): Config => {
  const layers = inner(model, "config", "layers") as unknown as Config[];
  const found = layers.find((layer) => inner(layer, "config").name === name);
  if (found === undefined) throw new Error(`the model has no layer ${name}`);
  return found;
};

const flagsOf = (file: KerasFile) => Object.fromEntries(file.weights.map(({ name, trainable }) => [name, trainable]));
const valuesOf = (file: KerasFile) =>
  Object.fromEntries(file.weights.map(({ name, value }) => [name, Array.from(value)]));

describe("a class of the user's under the name of one of Keras'", () => {
  const bytes = fixture("tensorflow-everything.keras");
  const OF_USER = { module: null, registered_name: "mine>Own" };

  test.each([
    { module: null, registered_name: "mine>RMSprop" },
    { module: "mine.optimizers", registered_name: null },
  ])("is no optimizer that is known: %o", async (origin) => {
    const config = await configOf(bytes, (model) => Object.assign(inner(model, "compile_config", "optimizer"), origin));
    const file = await readKeras(bytes, { config });
    expect(file.optimizer).toBeNull();
    expect(file.optimizerProblem).toMatch(/^The optimizer was left out\. .*class_name must be a known class/);
    class Own extends RMSprop {}
    const given = await readKeras(bytes, { config, customObjects: { RMSprop: Own } });
    expect(given.optimizer).toBeInstanceOf(Own);
  });

  test("is no schedule that is known", async () => {
    const config = await configOf(bytes, (model) => {
      Object.assign(inner(model, "compile_config", "optimizer", "config", "learning_rate"), OF_USER);
    });
    expect((await readKeras(bytes, { config })).optimizerProblem).toMatch(
      /class_name must be a known class.*CosineDecay/,
    );
  });

  test("is no constraint that is known, and no layer", async () => {
    const plain = fixture("tensorflow-plain.keras");
    const config = await configOf(plain, (model) => {
      const dense = layerNamed(model, "dense");
      inner(dense, "config").kernel_constraint = { ...OF_USER, class_name: "NonNeg", config: {} };
      Object.assign(layerNamed(model, "dense_1"), OF_USER);
    });
    const { notes, weights } = await readKeras(plain, { config });
    expect(notes.join(" ")).toMatch(/The constraint of dense_kernel was left out/);
    expect(notes.join(" ")).toMatch(/Which variables of dense_1 are trained is not in the file/);
    expect(weights.map(({ name }) => name)).toEqual(["dense_kernel", "dense_bias", "dense_1_kernel", "dense_1_bias"]);
  });
});

describe("a layer that was thawed in a model that is frozen", () => {
  /** The encoder is frozen, all of its layers but the last one too. */
  function thaw(model: Config): void {
    const encoder = layerNamed(model, "encoder");
    inner(encoder, "config").trainable = false;
    const layers = (inner(encoder, "config", "layers") as unknown as Config[]).filter((layer) => {
      return layer.class_name !== "InputLayer";
    });
    for (const [i, layer] of layers.entries()) inner(layer, "config").trainable = i === layers.length - 1;
  }

  test("is trained in Keras 3, where each variable has a flag of its own", async () => {
    const bytes = fixture("tensorflow-nested.keras");
    const config = await configOf(bytes, thaw);
    const flags = flagsOf(await readKeras(bytes, { config, optimizer: null }));
    expect(flags).toMatchObject({ encoder_dense_kernel: false, encoder_dense_1_kernel: true });
  });

  test("is not in Keras 2", async () => {
    const bytes = versionBytes("keras2.15.0-nested.keras");
    const config = await configOf(bytes, thaw);
    const flags = flagsOf(await readKeras(bytes, { config, optimizer: null }));
    expect(flags).toMatchObject({ encoder_dense_kernel: false, encoder_dense_1_kernel: false });
  });

  test.each(["keras2.15.0-nested.h5", "keras2.4.0-nested.h5"])(
    "has its own values in %s, whatever the order there",
    async (name) => {
      const bytes = versionBytes(name);
      const config = await configOf(bytes, thaw);
      const usual = valuesOf(await readKeras(bytes, { optimizer: null }));
      expect(valuesOf(await readKeras(bytes, { config, optimizer: null }))).toEqual(usual);
    },
  );
});

test("a class of the user's may have numbers under the key layers", async () => {
  const bytes = fixture("tensorflow-plain.keras");
  const config = await configOf(bytes, (model) => {
    const dense = layerNamed(model, "dense");
    Object.assign(dense, { module: "mine", registered_name: "mine>Dense" });
    Object.assign(inner(dense, "config"), { layers: [4, 4] });
  });
  expect((await readKeras(bytes, { config, optimizer: null })).weights).toHaveLength(4);
});

test("state is not taken by an optimizer with as many other slots", async () => {
  const bytes = fixture("tensorflow-plain.keras");
  const optimizer = new RMSprop({ useEma: true });
  const { optimizerProblem } = await readKeras(bytes, { optimizer });
  expect(optimizerProblem).toMatch(
    /^Its state was left out: it was saved by one with other options: its slots are velocity\./,
  );
  expect(optimizer.built).toBe(false);
});

test("options.order takes the names of Variables, each of which is one weight", async () => {
  const bytes = versionBytes("keras2.15.0-slashes.keras");
  const { weights } = await readKeras(bytes, { optimizer: null });
  const order = weights.map(({ name }) => name).reverse();
  expect((await readKeras(bytes, { order, optimizer: null })).weights.map(({ name }) => name)).toEqual(order);
  await expect(readKeras(bytes, { order: ["none"] })).rejects.toThrow(
    /options\.order\[0\] must be the path of a weight/,
  );
});

test.each([0, false, 7n])("%s is no optimizer", async (optimizer) => {
  const wrong = readKeras(fixture("tensorflow-plain.keras"), { optimizer: optimizer as never });
  await expect(wrong).rejects.toThrow(/^readKeras: options\.optimizer must be an optimizer; received/);
});

test("a file whose optimizer was disposed of is not written with half of its state", async () => {
  const file = await readKeras(fixture("tensorflow-plain.keras"));
  file.optimizer?.dispose();
  await expect(file.toBytes()).rejects.toThrow(/was disposed/);
});
