// Regular expressions for names without weight decay: what Python finds against what our optimizers leave out.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Optimizer, RMSprop, Variable } from "rmsprop";
import { loadFixtures } from "./case.js";
import { PythonError } from "./python.js";

interface PatternCase {
  readonly pattern: string;
  /** A 1 for each name in which Python finds it; null where Python refuses it. */
  readonly found: string | null;
  /** Known to have a counterpart in JavaScript, or to have none. */
  readonly planned?: boolean;
}

/** Names, and cases that say of each whether it is found. */
export interface Patterns {
  readonly names: readonly string[];
  readonly cases: readonly PatternCase[];
}

export interface PatternOutcome {
  readonly translated: number;
  readonly refused: number;
  /** A line for each that differs. */
  readonly failures: readonly string[];
}

export function recordedPatterns(): Patterns {
  const [first, ...cases] = loadFixtures<Pick<Patterns, "names"> | PatternCase>("patterns");
  return patternsOf(first, cases);
}

/** Fresh ones. */
export function drawnPatterns(python: string, seed: number, count: number): Patterns {
  const script = fileURLToPath(new URL("./patterns.py", import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, ["-B", script, String(seed), String(count)], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new PythonError(`patterns.py ended with ${status}.\n${stderr}`);
  const [first, ...cases] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  return patternsOf(first, cases);
}

/** Both readers give what patterns.py writes: the names first. */
function patternsOf(first: unknown, cases: readonly unknown[]): Patterns {
  return { ...(first as Pick<Patterns, "names">), cases: cases as readonly PatternCase[] };
}

/** Each must be found where Python finds it, or be refused; what Python refuses is refused. */
export function checkPatterns({ names, cases }: Patterns): PatternOutcome {
  const variables = names.map((name) => new Variable(0, { name }));
  const outcomes = cases.map((one) => ({ ...one, received: leftOut(one.pattern, variables) }));
  for (const variable of variables) variable.dispose();
  const wrong = outcomes.filter(({ found, planned, received }) => {
    const mayBeRefused = planned === undefined ? true : !planned;
    return received === null ? !mayBeRefused : received !== found || planned === false;
  });
  return {
    translated: outcomes.filter(({ received }) => received !== null).length,
    refused: outcomes.filter(({ received, found }) => received === null && found !== null).length,
    failures: wrong.map(
      ({ pattern, found, received }) => `${JSON.stringify(pattern)}: Python ${found}, ours ${received}`,
    ),
  };
}

/** The variables that do not decay: a 1 for each that is left out; null where the pattern is refused with advice. */
function leftOut(pattern: string, variables: readonly Variable[]): string | null {
  const optimizer: Optimizer = new RMSprop({ weightDecay: 0.1 }) as unknown as Optimizer;
  try {
    optimizer.excludeFromWeightDecay({ names: [pattern] });
    optimizer.build(variables);
    return variables.map((variable) => (optimizer.decays(variable) ? "0" : "1")).join("");
  } catch (error) {
    if (error instanceof RangeError && error.message.endsWith("pass a RegExp.")) return null;
    throw error;
  } finally {
    optimizer.dispose();
  }
}
