// Table (b): against what else there is in JavaScript. Everything runs on one thread.
import type { Case, Contender } from "../contender.js";
import type { OptimizerName } from "../contenders/data.js";
import { staged, variables } from "../contenders/ours.js";
import { scalarLoop } from "../contenders/scalar.js";
import type { Backend } from "../contenders/tfjs.js";
import type { Settings } from "../settings.js";

export function javascriptCases({ quick }: Settings): Case[] {
  const large = quick ? 4e6 : 16e6;
  return [
    against(4e6, (size) => [staged(size), scalarLoop(size)]),
    against(1e6, (size) => tfjs("wasm", size)),
    against(large, (size) => tfjs("wasm", size)),
    against(quick ? 1e5 : 1e6, (size) => tfjs("cpu", size)),
    against(1e3, jax),
    against(quick ? 1e6 : large, jax),
    ...(["Adam", "SGD"] as const).map((name) => against(large, (size) => tfjs("wasm", size, name), name)),
  ];
}

function against(
  parameters: number,
  peers: (size: number) => Contender[] | Promise<Contender[]>,
  optimizer: OptimizerName = "RMSprop",
): Case {
  return {
    facts: { optimizer, parameters },
    parameters,
    create: async () => ({
      contenders: [variables("rmsprop, Variables", 1, parameters, optimizer), ...(await peers(parameters))],
    }),
  };
}

// The peers are imported where they are measured: they are large, and every other case would wait for them.

async function jax(size: number): Promise<Contender[]> {
  const { jaxStep, oursJitted, oursThroughCore } = await import("../contenders/jax.js");
  return [await oursThroughCore(size), await oursJitted(size), await jaxStep(size)];
}

async function tfjs(backend: Backend, size: number, name?: OptimizerName): Promise<Contender[]> {
  const { oursOnTfjs, startTfjs, tfTrain } = await import("../contenders/tfjs.js");
  await startTfjs(backend);
  return [oursOnTfjs(1, size, name), tfTrain(1, size, name)];
}
