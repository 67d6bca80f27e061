// The ways in which people train: adversaries, transfer, federated rounds, checkpoints in the middle of fit. Each is compared
// with the same steps made one by one, bit by bit. What fit itself promises is in fit.test.ts.
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import * as core from "rmsprop";
import { fitDataset, fit as fitModel, LossScaleOptimizer, RMSprop, type RMSpropOptions } from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { bits, bitsOf, variable } from "./backends.js";
import { loaded, saved } from "./files.js";
import { averagesOf, compiled, createData, datasetOf, trainOnBatch, variablesOf, weightBits } from "./models.js";
import { stateOf } from "./resume.js";
import { onSomeStrategy } from "./suite.js";

const WHOLE = { batchSize: 12, shuffle: false, verbose: 0 } as const;
const LOSS = "categoricalCrossentropy";

const slotsOf = ({ variables }: RMSprop): string[] => variables.map(({ path, value }) => `${path} ${bits(value)}`);

/** A copy in core, which takes the same gradients. */
class Reference {
  readonly #optimizer: core.RMSprop;
  readonly arrays: Float32Array[];

  constructor(options: RMSpropOptions, variables: readonly tf.Variable[]) {
    this.#optimizer = new core.RMSprop(options);
    this.arrays = variables.map((each) => Float32Array.from(each.dataSync()));
  }

  step(gradients: readonly (tf.Tensor | undefined)[]): void {
    this.#optimizer.apply(
      gradients.map((gradient) => (gradient ? Float32Array.from(gradient.dataSync()) : null)),
      this.arrays,
    );
  }

  dispose(): void {
    this.#optimizer.dispose();
  }
}

onSomeStrategy(() => {
  describe("adversaries", () => {
    test("two optimizers take turns over one loss, each with its own list of variables", () => {
      const options = { learningRate: 0.05, rho: 0.8, momentum: 0.5, centered: true };
      const generator = [variable([[0.5, -0.5]], "g/kernel"), variable([0.1, 0.2], "g/bias")];
      const critic = [variable([[1], [-1]], "d/kernel"), variable([0.3], "d/bias")];
      const noise = tf.tensor2d([1, -2, 0.5], [3, 1]);
      const score = (x: tf.Tensor): tf.Tensor =>
        tf.add(tf.matMul(x, critic[0] as tf.Variable), critic[1] as tf.Variable);
      const made = (): tf.Tensor => tf.add(tf.matMul(noise, generator[0] as tf.Variable), generator[1] as tf.Variable);
      const fooled = (): tf.Scalar => tf.mean(tf.square(tf.sub(score(made()), 1)));
      const found = (): tf.Scalar =>
        tf.add(tf.mean(tf.square(score(made()))), tf.mean(tf.square(tf.sub(score(tf.ones([3, 2])), 1))));
      const players = [
        { own: critic, other: generator, loss: found },
        { own: generator, other: critic, loss: fooled },
      ].map((player) => ({
        ...player,
        optimizer: new RMSprop(options),
        reference: new Reference(options, player.own),
      }));
      for (let round = 0; round < 5; round++) {
        for (const { own, other, loss, optimizer, reference } of players) {
          const before = other.map(bitsOf);
          const { value, grads } = optimizer.computeGradients(loss, own);
          reference.step(own.map(({ name }) => grads[name]));
          tf.dispose([value, grads]);
          optimizer.minimize(loss, round % 2 === 0 ? own : [...own].reverse());
          expect(own.map(bitsOf)).toEqual(reference.arrays.map(bits));
          expect(other.map(bitsOf)).toEqual(before);
          expect(new Set(optimizer.trainedVariables)).toEqual(new Set(own));
          expect(optimizer.iterations).toBe(round + 1);
        }
      }
      for (const { own, optimizer, reference } of players)
        for (const each of [...own, optimizer, reference]) each.dispose();
      noise.dispose();
    });

    test("two compiled models share layers, and only one of them trains those", async () => {
      const [criticOptimizer, generatorOptimizer] = [
        new RMSprop({ learningRate: 0.01, clipvalue: 0.5 }),
        new RMSprop({ learningRate: 0.02, useEma: true, emaMomentum: 0.5 }),
      ];
      const dense = (name: string, units: number, inputs: number, seed: number) =>
        tfl.layers.dense({
          units,
          inputShape: [inputs],
          name,
          kernelInitializer: tfl.initializers.glorotUniform({ seed }),
        });
      const generator = tfl.sequential({ layers: [dense("gan_generator", 2, 3, 1)] });
      const critic = tfl.sequential({ layers: [dense("gan_hidden", 4, 2, 2), dense("gan_score", 1, 4, 3)] });
      critic.compile({ optimizer: criticOptimizer, loss: "meanSquaredError" });
      const both = tfl.sequential({ layers: [generator, critic] });
      critic.trainable = false;
      both.compile({ optimizer: generatorOptimizer, loss: "meanSquaredError" });
      const [noise, real, ones] = [tf.ones([4, 3]), tf.fill([4, 2], 0.5), tf.ones([4, 1])];
      for (let round = 0; round < 3; round++) {
        critic.trainable = true;
        const generatorBefore = weightBits(generator);
        await critic.trainOnBatch(real, ones);
        expect(weightBits(generator)).toEqual(generatorBefore);
        critic.trainable = false;
        const criticBefore = weightBits(critic);
        await both.trainOnBatch(noise, ones);
        expect(weightBits(critic)).toEqual(criticBefore);
        expect(weightBits(generator)).not.toEqual(generatorBefore);
      }
      expect(criticOptimizer.trainedVariables.map(({ name }) => name.split("/")[0])).toEqual([
        "gan_hidden",
        "gan_hidden",
        "gan_score",
        "gan_score",
      ]);
      expect(generatorOptimizer.trainedVariables.map(({ name }) => name.split("/")[0])).toEqual([
        "gan_generator",
        "gan_generator",
      ]);
      await fitModel(both, noise, ones, { epochs: 1, verbose: 0 });
      expect(weightBits(generator)).toEqual(averagesOf(generatorOptimizer));
      for (const made of [both, critic, criticOptimizer, generatorOptimizer, noise, real, ones]) made.dispose();
    });
  });

  describe("transfer", () => {
    const FREEZING: readonly (readonly [string, boolean])[] = [
      ["compiled again", true],
      ["not compiled again", false],
    ];
    test.each(FREEZING)(
      "a layer frozen between fits keeps weights and state, and thawed goes on from them: %s",
      async (_, compiles) => {
        const options = { learningRate: 0.05, momentum: 0.9, centered: true };
        const [optimizer, twinOptimizer] = [new RMSprop(options), new RMSprop(options)];
        const [model, twin] = [compiled(optimizer), compiled(twinOptimizer)];
        const data = createData();
        const hidden = model.getLayer("layer1_hidden");
        const twinVariables = variablesOf(twin);
        const ofHidden = (slots: string[]): string[] => slots.filter((slot) => slot.includes("hidden"));
        const rounds = [
          { trainable: true, epochs: 2 },
          { trainable: false, epochs: 3 },
          { trainable: true, epochs: 2 },
        ];
        for (const { trainable, epochs } of rounds) {
          hidden.trainable = trainable;
          if (compiles) model.compile({ optimizer, loss: LOSS });
          const before = [weightBits(hidden), ofHidden(slotsOf(optimizer))];
          await fitModel(model, data.x, data.y, { ...WHOLE, epochs });
          const after = [weightBits(hidden), ofHidden(slotsOf(optimizer))];
          if (trainable) expect(after).not.toEqual(before);
          else expect(after).toEqual(before);
          // The same steps by hand: the list of variables is all that freezing changes.
          for (let i = 0; i < epochs; i++) {
            const loss = (): tf.Scalar =>
              tf.mean(tfl.metrics.categoricalCrossentropy(data.y, twin.apply(data.x) as tf.Tensor));
            twinOptimizer.minimize(loss, trainable ? twinVariables : twinVariables.slice(2));
          }
          expect(variablesOf(model).map(bitsOf).sort()).toEqual(
            (trainable ? twinVariables : twinVariables.slice(2)).map(bitsOf).sort(),
          );
        }
        expect(optimizer.iterations).toBe(7);
        for (const made of [model, twin, optimizer, twinOptimizer, data.x, data.y]) made.dispose();
      },
    );

    test("a new head on a trained body: the body's state stays, the head's is new, the old head's goes with it", async () => {
      const optimizer = new RMSprop({ learningRate: 0.05, momentum: 0.9, useEma: true, emaMomentum: 0.5 });
      const data = createData();
      const model = compiled(optimizer);
      await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2 });
      const body = model.getLayer("layer1_hidden");
      const head = tfl.layers.dense({ units: 2, activation: "softmax", name: "new_head" });
      const tuned = tfl.sequential({ layers: [body, head] });
      body.trainable = false;
      tuned.compile({ optimizer, loss: LOSS });
      const before = weightBits(body);
      await fitModel(tuned, data.x, data.y, { ...WHOLE, epochs: 2 });
      expect(weightBits(body)).toEqual(before);
      expect(averagesOf(optimizer)).toEqual(expect.arrayContaining(weightBits(head)));
      const namesOf = (): string[] => [
        ...new Set(optimizer.trainedVariables.map(({ name }) => name.split("/")[0] ?? "")),
      ];
      expect(namesOf()).toEqual(["layer1_hidden", "layer1_output", "new_head"]);
      model.getLayer("layer1_output").dispose();
      body.trainable = true;
      tuned.compile({ optimizer, loss: LOSS });
      await fitModel(tuned, data.x, data.y, { ...WHOLE, epochs: 1 });
      expect(weightBits(body)).not.toEqual(before);
      expect(namesOf()).toEqual(["layer1_hidden", "new_head"]);
      tuned.dispose();
      for (const made of [optimizer, data.x, data.y]) made.dispose();
    });
  });

  describe("federated rounds", () => {
    test("clients take the mean of their weights and keep their own state", async () => {
      const options = { learningRate: 0.05, momentum: 0.9, centered: true };
      const clients = [1, 2].map((seed) => {
        const optimizer = new RMSprop(options);
        return { optimizer, model: compiled(optimizer, 1, `client${seed}`), data: createData(12, seed) };
      });
      const references = clients.map(({ model }) => new Reference(options, variablesOf(model)));
      const sent: { readonly tensor: tf.Tensor; readonly before: string }[] = [];
      for (let round = 0; round < 3; round++) {
        for (const [i, { model, optimizer, data }] of clients.entries()) {
          // A step by hand for each of fit: first its gradients, for core, then the step itself.
          for (let step = 0; step < 2; step++) {
            const loss = (): tf.Scalar =>
              tf.mean(tfl.metrics.categoricalCrossentropy(data.y, model.apply(data.x) as tf.Tensor));
            const { value, grads } = optimizer.computeGradients(loss, variablesOf(model));
            references[i]?.step(variablesOf(model).map(({ name }) => grads[name]));
            tf.dispose([value, grads]);
            await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 1 });
          }
          expect(variablesOf(model).map(bitsOf)).toEqual(references[i]?.arrays.map(bits));
        }
        const mean = averaged(clients.map(({ model }) => model));
        const states = clients.map(({ optimizer }) => slotsOf(optimizer));
        for (const { model } of clients) model.setWeights(mean);
        for (const { arrays } of references) arrays.forEach((array, i) => void array.set(mean[i]?.dataSync() ?? []));
        expect(clients.map(({ optimizer }) => slotsOf(optimizer))).toEqual(states);
        sent.push(...mean.map((tensor) => ({ tensor, before: bitsOf(tensor) })));
      }
      // What was sent in a round shares nothing with what is trained in the next.
      for (const { tensor, before } of sent) expect(bitsOf(tensor)).toBe(before);
      expect(clients.map(({ optimizer }) => optimizer.iterations)).toEqual([6, 6]);
      tf.dispose(sent.map(({ tensor }) => tensor));
      for (const { model, optimizer, data } of clients)
        for (const made of [model, optimizer, data.x, data.y]) made.dispose();
      for (const reference of references) reference.dispose();
    });
  });

  describe("a checkpoint in the middle of fit", () => {
    const learningRate = new core.schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 8 });
    const RUNS: readonly (readonly [string, () => tf.Optimizer])[] = [
      ["plain", () => new RMSprop({ learningRate: 0.05 })],
      [
        "momentum, centered",
        () => new RMSprop({ learningRate: 0.05, momentum: 0.9, centered: true, weightDecay: 0.01 }),
      ],
      ["averages that are finalized", () => new RMSprop({ learningRate: 0.05, useEma: true, emaMomentum: 0.8 })],
      ["averages that overwrite", () => new RMSprop({ useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3 })],
      ["half of an accumulation, a schedule", () => new RMSprop({ learningRate, gradientAccumulationSteps: 3 })],
      [
        "a loss scale",
        () => new LossScaleOptimizer(new RMSprop({ momentum: 0.9 }), { initialScale: 8, dynamicGrowthSteps: 3 }),
      ],
    ];
    test.each(RUNS)("ends with the bits of the run that was never interrupted: %s", async (_, create) => {
      const data = createData();
      const optimizer = create();
      const model = compiled(optimizer);
      let text = "";
      const onEpochEnd = async (epoch: number) => {
        if (epoch === 1) text = await saved(model);
      };
      const { history } = await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 5, callbacks: { onEpochEnd } });
      const again = await loaded(text);
      const rest = await fitModel(again, data.x, data.y, { ...WHOLE, epochs: 5, initialEpoch: 2 });
      expect(stateOf(again)).toEqual(stateOf(model));
      expect(rest.history.loss).toEqual(history.loss?.slice(2));
      for (const made of [model, optimizer, again, again.optimizer, data.x, data.y]) made.dispose();
    });
  });

  test("validation of fitDataset sees the raw weights, and early stopping by it ends with the averages", async () => {
    const options = { learningRate: 0.05, useEma: true, emaMomentum: 0.8 };
    const [optimizer, twinOptimizer] = [new RMSprop(options), new RMSprop(options)];
    const [model, twin] = [compiled(optimizer), compiled(twinOptimizer)];
    const data = createData();
    const { history, epoch } = await fitDataset(model, datasetOf(data, 1), {
      ...{ epochs: 9, verbose: 0, validationData: [data.x, data.y], validationBatchSize: 12 },
      callbacks: tfl.callbacks.earlyStopping({ monitor: "val_loss", minDelta: 10, patience: 2 }),
    });
    expect(epoch).toEqual([0, 1, 2]);
    for (const seen of history.val_loss ?? []) {
      await trainOnBatch(twin, data, 1);
      const [loss, accuracy] = twin.evaluate(data.x, data.y, { batchSize: 12 }) as tf.Scalar[];
      expect(seen).toBe(loss?.dataSync()[0]);
      tf.dispose([loss, accuracy].filter((scalar) => scalar !== undefined));
    }
    expect(weightBits(model)).toEqual(averagesOf(twinOptimizer));
    for (const made of [model, twin, optimizer, twinOptimizer, data.x, data.y]) made.dispose();
  });

  test("stopTraining set by a callback of the user's ends with the averages, too", async () => {
    const optimizer = new RMSprop({ learningRate: 0.05, useEma: true });
    const model = compiled(optimizer);
    const data = createData();
    const onBatchEnd = () => {
      if (optimizer.iterations === 3) model.stopTraining = true;
    };
    await fitModel(model, data.x, data.y, { ...WHOLE, batchSize: 6, epochs: 9, callbacks: { onBatchEnd } });
    expect(optimizer.iterations).toBeLessThan(9);
    expect(weightBits(model)).toEqual(averagesOf(optimizer));
    for (const made of [model, optimizer, data.x, data.y]) made.dispose();
  });

  test("a learning rate set in a callback is refused while a schedule owns it; another schedule is not", async () => {
    const decay = (initialLearningRate: number) =>
      new core.schedules.ExponentialDecay({ initialLearningRate, decaySteps: 1, decayRate: 0.5 });
    const optimizer = new RMSprop({ learningRate: decay(0.1) });
    const model = compiled(optimizer);
    const data = createData();
    const refused: unknown[] = [];
    const onEpochEnd = () => {
      try {
        optimizer.learningRate = 0.01;
      } catch (error) {
        refused.push(error);
      }
    };
    await fitModel(model, data.x, data.y, { ...WHOLE, epochs: 2, callbacks: { onEpochEnd } });
    expect(refused).toHaveLength(2);
    expect(String(refused[0])).toMatch(
      /RMSprop: learningRate must stay a schedule: .*; received learningRate=0.01\. Set another schedule/,
    );
    expect(optimizer.learningRate).toBe(Math.fround(0.1 * 0.25));
    optimizer.learningRate = decay(0.8);
    expect(optimizer.learningRate).toBe(Math.fround(0.8 * 0.25));
    for (const made of [model, optimizer, data.x, data.y]) made.dispose();
  });
});

/** The mean of the weights of models of the same shape. Dispose of the tensors. */
function averaged(models: readonly tfl.LayersModel[]): tf.Tensor[] {
  const all = models.map((model) => model.getWeights());
  return (all[0] ?? []).map((_, i) =>
    tf.tidy(() => tf.div(tf.addN(all.flatMap((weights) => weights[i] ?? [])), all.length)),
  );
}
