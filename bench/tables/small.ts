// Table (d): many small variables, and one small variable.
import type { Case, Contender } from "../contender.js";
import { coldStart } from "../contenders/cold.js";
import { variables } from "../contenders/ours.js";
import { scalarLoop } from "../contenders/scalar.js";
import type { Settings } from "../settings.js";

const LENGTH = 64;
const ONE = 1000;

export function smallCases({ quick }: Settings): Case[] {
  return [...[200, 2000, 20_000].map(againstOne), againstTfjs(200), steady(), cold(quick)];
}

function againstOne(count: number): Case {
  const parameters = count * LENGTH;
  return {
    facts: { parameters },
    parameters,
    create: () => ({
      contenders: [variables("1 variable", 1, parameters), variables(many(count), count, LENGTH)],
    }),
  };
}

function againstTfjs(count: number): Case {
  const parameters = count * LENGTH;
  return {
    facts: { parameters },
    parameters,
    create: async () => {
      const { oursOnTfjs, startTfjs, tfTrain } = await import("../contenders/tfjs.js");
      await startTfjs("wasm");
      const named = (contender: Contender): Contender => ({ ...contender, name: `${many(count)}, ${contender.name}` });
      return {
        contenders: [
          variables(many(count), count, LENGTH),
          named(oursOnTfjs(count, LENGTH)),
          named(tfTrain(count, LENGTH)),
        ],
      };
    },
  };
}

function steady(): Case {
  return {
    facts: { parameters: ONE },
    parameters: ONE,
    create: () => ({ contenders: [variables("1 variable", 1, ONE), scalarLoop(ONE)] }),
  };
}

function cold(quick: boolean): Case {
  const rounds = quick ? 5 : 11;
  return {
    facts: { parameters: ONE },
    parameters: ONE,
    // The first of them brings the files into memory.
    effort: { warmUpMs: 0, minRounds: rounds, maxRounds: rounds },
    create: () => ({ contenders: [coldStart()] }),
  };
}

function many(count: number): string {
  return `${count.toLocaleString("en-US")} variables of ${LENGTH}`;
}
