// Table (e): what a user of TensorFlow.js feels: whole training steps with either optimizer.
import type { Case } from "../contender.js";
import type { ModelName } from "../contenders/models.js";
import type { Settings } from "../settings.js";

/** Models and their sizes; the models themselves are made where they are measured. */
const PARAMETERS: Readonly<Record<ModelName, number>> = {
  "digits: 64-128-10": 9_610,
  "perceptron: 784-1024-256-10": 1_068_810,
  "embedding: 20,000 words by 64": 1_280_650,
};

export function fitCases({ quick }: Settings): Case[] {
  return (Object.keys(PARAMETERS) as ModelName[]).map((model) => ({
    facts: { model, parameters: PARAMETERS[model] },
    parameters: PARAMETERS[model],
    effort: quick ? {} : { turnMs: 60, budgetMs: 8000 },
    create: async () => {
      const { startTfjs } = await import("../contenders/tfjs.js");
      const { trainings } = await import("../contenders/models.js");
      await startTfjs("wasm");
      return { contenders: trainings(model) };
    },
  }));
}
