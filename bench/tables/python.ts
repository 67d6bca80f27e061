// Table (c): against what there is in Python, all on the same number of threads.
import { setThreads } from "rmsprop";
import type { Case, Contender } from "../contender.js";
import type { OptimizerName } from "../contenders/data.js";
import { variables } from "../contenders/ours.js";
import { startPeer } from "../contenders/python-peer.js";
import { installedPython } from "../python/environment.js";
import type { Settings } from "../settings.js";

/** By optimizer: as peer.py calls them, and as they are printed. */
const PEERS: Readonly<Record<OptimizerName, Readonly<Record<string, string>>>> = {
  RMSprop: {
    "torch.compile": "torch.compile of torch.optim.RMSprop",
    "torch foreach": "torch.optim.RMSprop, foreach",
    optax: "optax.rmsprop, jitted",
    "keras-jax": "Keras on JAX, jitted",
    "keras-tensorflow": "Keras on TensorFlow, XLA",
  },
  Adam: { "torch.compile": "torch.compile of torch.optim.Adam", optax: "optax.adam, jitted" },
  SGD: { "torch.compile": "torch.compile of torch.optim.SGD", optax: "optax.sgd, jitted" },
};

export function pythonCases(settings: Settings): Case[] {
  return (["RMSprop", "Adam", "SGD"] as const).flatMap((optimizer) => casesOf(optimizer, settings));
}

function casesOf(optimizer: OptimizerName, { quick, threads }: Settings): Case[] {
  const parameters = quick ? 4e6 : 16e6;
  return threads.map((count) => ({
    facts: { optimizer, parameters, threads: count },
    parameters,
    // Turns of several steps: the first one after a pause is not like the others.
    effort: quick ? {} : { turnMs: 60, budgetMs: 8000 },
    create: async () => {
      await setThreads(count);
      const contenders: Contender[] = [];
      const missing: string[] = [];
      const python = installedPython();
      if (python === null) throw new Error("The Python peers are not installed: npm run bench:python does it.");
      // One after the other: together they would fill a small machine.
      for (const [id, name] of Object.entries(PEERS[optimizer])) {
        const peer = startPeer(python, { id, name, optimizer, size: parameters, threads: count });
        await peer.then(
          (contender) => contenders.push(contender),
          (error: Error) => missing.push(error.message),
        );
      }
      return { contenders: [variables("rmsprop, Variables", 1, parameters, optimizer), ...contenders], missing };
    },
  }));
}
