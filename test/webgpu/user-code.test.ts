// Code of the user's in the midst of a call: either the call is refused and nothing but that has changed, or it did what it
// says. Core's are in contract/.
import { StateError } from "rmsprop";
import { GpuVariable, LossScaleOptimizer, RMSprop } from "rmsprop/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gpu, startDevice } from "./device.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await startDevice();
});
afterAll(() => gpu.device.destroy());

interface Scene {
  readonly optimizer: RMSprop | LossScaleOptimizer;
  readonly variables: readonly [GpuVariable, GpuVariable];
  readonly gradients: readonly [GpuVariable, GpuVariable];
  hook: () => unknown;
}

function sceneOf(scaled: boolean): Scene {
  const learningRate = (): number => {
    scene.hook();
    return 0.1;
  };
  const inner = new RMSprop(gpu.device, { learningRate, useEma: true, momentum: 0.9 });
  const pair = (a: number[], b: number[]) => [new GpuVariable(gpu.device, a), new GpuVariable(gpu.device, b)] as const;
  const scene: Scene = {
    optimizer: scaled ? new LossScaleOptimizer(inner, { initialScale: 2 }) : inner,
    variables: pair([1, -2, 3], [4, 5]),
    gradients: pair([1, 2, 3], [4, 5]),
    hook: () => undefined,
  };
  for (let i = 0; i < 2; i++) scene.optimizer.apply(scene.gradients, scene.variables);
  return scene;
}

async function stateOf({ optimizer, variables }: Scene): Promise<string[]> {
  const own = await optimizer.getWeights();
  const values = await Promise.all(variables.map((each) => (each.disposed ? "gone" : each.read())));
  return [...own.map(({ value }) => value), ...values].map(String);
}

const CHANGES: Readonly<Record<string, (scene: Scene) => unknown>> = {
  apply: ({ optimizer, gradients }) => optimizer.apply(gradients),
  minimize: ({ optimizer, gradients }) => optimizer.minimize(() => ({ value: 1, gradients })),
  finalizeVariableValues: ({ optimizer }) => optimizer.finalizeVariableValues(),
  withAverage: ({ optimizer }) => optimizer.withAverage(() => 1),
  setWeights: ({ optimizer }) => optimizer.setWeights([]),
  dispose: ({ optimizer }) => optimizer.dispose(),
};

describe.each([false, true])("with a loss scale: %s", (scaled) => {
  describe.each(Object.entries(CHANGES))("%s", (_, change) => {
    test.each(["a learning rate", "a loss"])("is refused within %s, and the step goes on", async (place) => {
      const [scene, twin] = [sceneOf(scaled), sceneOf(scaled)];
      let refusal: unknown = null;
      const act = (): void => {
        expect(() => change(scene)).toThrow(StateError);
        refusal = "refused";
      };
      if (place === "a learning rate") scene.hook = act;
      scene.optimizer.minimize(() => {
        if (place === "a loss") act();
        return { value: 1, gradients: scene.gradients };
      });
      twin.optimizer.minimize(() => ({ value: 1, gradients: twin.gradients }));
      expect(refusal).toBe("refused");
      expect(await stateOf(scene)).toEqual(await stateOf(twin));
    });
  });

  test.each(["variables", "gradients"] as const)(
    "a learning rate that disposes of %s stops the step",
    async (which) => {
      const scene = sceneOf(scaled);
      const before = await stateOf(scene);
      scene.hook = () => scene[which][0].dispose();
      expect(() => scene.optimizer.apply(scene.gradients)).toThrow(/was disposed/);
      scene.hook = () => undefined;
      expect(await stateOf(scene)).toEqual(which === "gradients" ? before : before.toSpliced(-2, 1, "gone"));
    },
  );

  test("a variable that is disposed of while averages are shown keeps no other from coming back", async () => {
    const scene = sceneOf(scaled);
    const before = (await stateOf(scene)).toSpliced(-2, 1, "gone");
    await scene.optimizer.withAverage(async () => scene.variables[0].dispose());
    expect(await stateOf(scene)).toEqual(before);
  });
});
