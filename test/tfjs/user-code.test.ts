// Code of the user's in the midst of a call - a learning rate, a loss, what sees the averages - that disposes, steps or throws
// there: either the call is refused and nothing but that has changed, or it did what it says. Core's are in contract/.
import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "rmsprop";
import { LossScaleOptimizer, RMSprop } from "rmsprop/tfjs";
import { describe, expect, test } from "vitest";
import { bits, bitsOf, variable } from "./backends.js";
import { onSomeStrategy } from "./suite.js";
import { thrownBy } from "./support.js";

interface Scene {
  readonly optimizer: RMSprop | LossScaleOptimizer;
  readonly variables: readonly [tf.Variable, tf.Variable];
  readonly others: tf.Variable[];
  hook: (scene: Scene) => unknown;
}

let scenes = 0;

const loss = ({ variables: [a, b] }: Scene): tf.Scalar => tf.add(tf.sum(tf.square(a)), tf.sum(tf.square(b)));

/** TensorFlow.js knows variables by their names, so a twin has others. */
function sceneOf(scaled: boolean, prefix = "own"): Scene {
  const inner = new RMSprop({
    ...{ useEma: true, momentum: 0.9, name: "rate" },
    learningRate: () => {
      scene.hook(scene);
      return 0.1;
    },
  });
  const scene: Scene = {
    optimizer: scaled ? new LossScaleOptimizer(inner, { initialScale: 2 }) : inner,
    variables: [variable([1, -2, 3], `${prefix}_a`), variable([4, 5], `${prefix}_b`)],
    others: [],
    hook: () => undefined,
  };
  for (let i = 0; i < 2; i++) scene.optimizer.minimize(() => loss(scene), [...scene.variables]);
  return scene;
}

const alive = (scene: Scene): tf.Variable[] =>
  scene.variables.filter((each) => tf.engine().registeredVariables[each.name] === each);

const stateOf = (scene: Scene): string[] =>
  [
    ...scene.optimizer.variables.map(({ path, value }) => `${path} ${bits(value)}`),
    ...alive(scene).map((each) => `${each.name} ${bitsOf(each)}`),
    ...scene.others.map(bitsOf),
  ].map((text) => text.replace("twin_", "own_"));

function end(...scenes: readonly Scene[]): void {
  for (const scene of scenes) {
    scene.optimizer.dispose();
    tf.dispose([...alive(scene), ...scene.others]);
  }
}

/** What must wait until the call is over. */
const CHANGES: Readonly<Record<string, (scene: Scene) => unknown>> = {
  minimize: (scene) => scene.optimizer.minimize(() => loss(scene), [...scene.variables]),
  apply: ({ optimizer, variables }) =>
    optimizer.apply(
      variables.map((each) => tf.onesLike(each)),
      variables,
    ),
  finalizeVariableValues: ({ optimizer }) => optimizer.finalizeVariableValues(),
  withAverage: ({ optimizer }) => optimizer.withAverage(() => 1),
  dispose: ({ optimizer }) => optimizer.dispose(),
};

onSomeStrategy(() => {
  describe.each([false, true])("with a loss scale: %s", (scaled) => {
    describe.each(Object.entries(CHANGES))("%s", (_, change) => {
      test("is refused within a learning rate, and the step goes on", () => {
        const [scene, twin] = [sceneOf(scaled), sceneOf(scaled, "twin")];
        let refusal: unknown = null;
        scene.hook = () => {
          refusal = thrownBy(() => change(scene));
        };
        for (const each of [scene, twin]) each.optimizer.minimize(() => loss(each), [...each.variables]);
        expect(refusal).toBeInstanceOf(StateError);
        expect(String(refusal)).toMatch(/a step is being made/);
        expect(stateOf(scene)).toEqual(stateOf(twin));
        end(scene, twin);
      });

      test("is refused within a loss, and the step goes on", () => {
        const [scene, twin] = [sceneOf(scaled), sceneOf(scaled, "twin")];
        let refusal: unknown = null;
        scene.optimizer.minimize(() => {
          refusal = thrownBy(() => change(scene));
          return loss(scene);
        }, [...scene.variables]);
        twin.optimizer.minimize(() => loss(twin), [...twin.variables]);
        expect(String(refusal)).toMatch(/StateError: \w+: minimize\(\) is still computing its loss/);
        expect(stateOf(scene)).toEqual(stateOf(twin));
        end(scene, twin);
      });
    });

    test("a learning rate that disposes of a variable and makes another stops the step; the other is not written", () => {
      const [scene, twin] = [sceneOf(scaled), sceneOf(scaled, "twin")];
      const replaced = (each: Scene): void => {
        each.variables[0].dispose();
        each.others.push(variable([42, 42, 42], `another_${scenes++}`));
        each.hook = () => undefined;
      };
      scene.hook = replaced;
      const error = thrownBy(() => scene.optimizer.minimize(() => loss(scene), [...scene.variables]));
      expect(error.message).toMatch(/variable own_a was disposed/);
      replaced(twin);
      expect(stateOf(scene)).toEqual(stateOf(twin));
      end(scene, twin);
    });

    test("a learning rate that disposes of a gradient stops the step", () => {
      const [scene, twin] = [sceneOf(scaled), sceneOf(scaled, "twin")];
      const gradients = scene.variables.map((each) => tf.onesLike(each));
      scene.hook = () => gradients[1]?.dispose();
      const error = thrownBy(() => scene.optimizer.apply(gradients, scene.variables));
      expect(error.message).toMatch(/gradient of own_b was disposed/);
      expect(stateOf(scene)).toEqual(stateOf(twin));
      tf.dispose(gradients);
      end(scene, twin);
    });

    test("what is shown of averages goes with them, whatever the promise is", async () => {
      const scene = sceneOf(scaled);
      const before = stateOf(scene);
      const { optimizer } = scene;
      await optimizer.withAverage(async () => {
        expect(stateOf(scene)).not.toEqual(before);
        await undefined;
        return 1;
      });
      expect(stateOf(scene)).toEqual(before);
      const then = (resolve: (value: number) => void): void => resolve(2);
      expect(await optimizer.withAverage(() => Object.assign(() => undefined, { then }))).toBe(2);
      expect(stateOf(scene)).toEqual(before);
      const odd = Object.defineProperty(Promise.resolve(3), "constructor", {
        get: () => {
          throw new Error("an odd promise");
        },
      });
      await expect(optimizer.withAverage(() => odd)).rejects.toThrow("an odd promise");
      expect(stateOf(scene)).toEqual(before);
      const { variables } = scene;
      const trained = bitsOf(variables[1]);
      optimizer.withAverage(() => variables[0].dispose());
      expect(bitsOf(variables[1])).toBe(trained);
      expect(optimizer.trainedVariables).toEqual([variables[1]]);
      end(scene);
    });
  });
});
