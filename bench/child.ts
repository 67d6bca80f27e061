// A process of its own for one case: memory and compiled code as fresh as a user's. Started by fresh.ts.
import type { Lineup } from "./contender.js";
import type { CaseRequest } from "./fresh.js";
import { takeTurns } from "./measure.js";
import type { Result } from "./result.js";
import { effortOf } from "./settings.js";
import { TABLES } from "./tables/index.js";

// The request was written by fresh.ts.
const { table, index, settings } = JSON.parse(process.argv[2] ?? "") as CaseRequest;
process.send?.(await measure());
process.disconnect?.();

async function measure(): Promise<Result> {
  const chosen = TABLES[table](settings)[index];
  if (chosen === undefined) throw new RangeError(`Table ${table} has no case ${index}.`);
  const { facts, parameters } = chosen;
  let lineup: Lineup | null = null;
  try {
    lineup = await chosen.create();
    const samples = await takeTurns(lineup, { ...effortOf(settings), ...chosen.effort });
    const measured = lineup.contenders.map(({ name }, i) => ({ name, samples: samples[i] ?? [] }));
    const { facts: found = {}, missing = [], notes = [] } = lineup;
    return { facts: { ...facts, ...found }, parameters, measured, missing, notes };
  } catch (error) {
    // Such as memory that this machine does not have.
    return { facts, parameters, measured: [], missing: [(error as Error).message] };
  } finally {
    for (const contender of lineup?.contenders ?? []) contender.close?.();
  }
}
