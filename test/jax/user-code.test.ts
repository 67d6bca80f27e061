// Code of the user's in the midst of a call of class RMSprop: either the call is refused and nothing but that has changed, or
// it did what it says. Each suite counts buffers. Core's are in contract/.
import { numpy as np } from "@jax-js/jax";
import { StateError } from "rmsprop";
import { RMSprop, Variable } from "rmsprop/jax";
import { describe, expect, test } from "vitest";
import { array, bits, onSomeBackend } from "./backends.js";

interface Scene {
  readonly optimizer: RMSprop;
  readonly variables: readonly [Variable, Variable];
  hook: () => unknown;
}

const loss = ({ variables: [a, b] }: Scene): np.Array => np.square(a.ref).sum().add(np.square(b.ref).sum());

function sceneOf(engine: "jax" | "core"): Scene {
  const learningRate = (): number => {
    scene.hook();
    return 0.1;
  };
  const scene: Scene = {
    optimizer: new RMSprop({ learningRate, useEma: true, momentum: 0.9 }, engine),
    variables: [new Variable([1, -2, 3], { name: "a" }), new Variable([4, 5], { name: "b" })],
    hook: () => undefined,
  };
  for (let i = 0; i < 2; i++) scene.optimizer.minimize(() => loss(scene), scene.variables);
  return scene;
}

const stateOf = ({ optimizer, variables }: Scene): string[] => [
  ...optimizer.variables.map(({ path, value }) => `${path} ${bits(value)}`),
  ...variables.map((each) => (each.disposed ? "gone" : bits(each.value))),
];

function end(...scenes: readonly Scene[]): void {
  for (const { optimizer, variables } of scenes) {
    optimizer.dispose();
    for (const variable of variables) variable.dispose();
  }
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

const CHANGES: Readonly<Record<string, (scene: Scene) => unknown>> = {
  minimize: (scene) => scene.optimizer.minimize(() => loss(scene)),
  apply: ({ optimizer }) => {
    const gradients = [array([1, 1, 1]), array([1, 1])];
    try {
      optimizer.apply(gradients);
    } catch (error) {
      for (const gradient of gradients) gradient.dispose();
      throw error;
    }
  },
  setWeights: ({ optimizer }) => optimizer.setWeights(optimizer.variables.map(({ value }) => value)),
  finalizeVariableValues: ({ optimizer }) => optimizer.finalizeVariableValues(),
  withAverage: ({ optimizer }) => optimizer.withAverage(() => 1),
  dispose: ({ optimizer }) => optimizer.dispose(),
};

onSomeBackend(() => {
  describe.each(["jax", "core"] as const)("engine %s", (engine) => {
    describe.each(Object.entries(CHANGES))("%s", (_, change) => {
      test.each(["a learning rate", "a loss"])("is refused within %s, and the step goes on", (place) => {
        const [scene, twin] = [sceneOf(engine), sceneOf(engine)];
        let refusal: unknown = null;
        const act = (): void => {
          refusal = thrownBy(() => change(scene));
        };
        if (place === "a learning rate") scene.hook = act;
        scene.optimizer.minimize(() => {
          if (place === "a loss") act();
          return loss(scene);
        });
        twin.optimizer.minimize(() => loss(twin));
        expect(refusal).toBeInstanceOf(StateError);
        expect(stateOf(scene)).toEqual(stateOf(twin));
        end(scene, twin);
      });
    });

    test("a variable cannot be changed while a loss is traced with it", () => {
      const [scene, twin] = [sceneOf(engine), sceneOf(engine)];
      const refused: unknown[] = [];
      scene.optimizer.minimize(() => {
        refused.push(thrownBy(() => scene.variables[0].assign([7, 7, 7])));
        refused.push(thrownBy(() => scene.variables[0].dispose()));
        return loss(scene);
      });
      twin.optimizer.minimize(() => loss(twin));
      for (const error of refused) expect(String(error)).toMatch(/StateError: Variable: a is a traced array/);
      expect(stateOf(scene)).toEqual(stateOf(twin));
      end(scene, twin);
    });

    test("a learning rate that disposes of a variable stops the step", () => {
      const scene = sceneOf(engine);
      const before = stateOf(scene).toSpliced(-2, 1, "gone");
      scene.hook = () => scene.variables[0].dispose();
      expect(String(thrownBy(() => scene.optimizer.minimize(() => loss(scene))))).toMatch(/variable a was disposed/);
      expect(stateOf(scene)).toEqual(before);
      end(scene);
    });

    test("a learning rate that uses up a gradient stops the step", () => {
      const scene = sceneOf(engine);
      const before = stateOf(scene);
      const gradients = [array([1, 1, 1]), array([1, 1])] as const;
      scene.hook = () => gradients[1].dispose();
      expect(String(thrownBy(() => scene.optimizer.apply(gradients)))).toMatch(/gradient of b was disposed/);
      expect(stateOf(scene)).toEqual(before);
      gradients[0].dispose();
      end(scene);
    });

    test("a variable that is disposed of while averages are shown keeps no other from coming back", () => {
      const scene = sceneOf(engine);
      const before = stateOf(scene).toSpliced(-2, 1, "gone");
      scene.optimizer.withAverage(() => scene.variables[0].dispose());
      expect(stateOf(scene)).toEqual(before);
      end(scene);
    });
  });
});
