// The first steps of a program, when memory is small and grows: with every kind of sum, in realms of their own, where nothing
// has run before; with memory that threads can share, and without, as in most pages. `npm test` makes a choice of programs;
// `npm run test:package` runs all.
import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { choice } from "../seed.js";
import { runInRealm, scriptOf } from "./bundle.js";

/** What a first step meets. */
interface Program {
  readonly options: Readonly<Record<string, unknown>>;
  readonly sizes: readonly number[];
  readonly variables: "Variables" | "arrays";
  readonly gradients: "Variables" | "arrays" | "numbers";
  /** Whether a LossScaleOptimizer is around it, which looks for what is not finite. */
  readonly scaled: boolean;
  /** Elements of a Variable that is made after each step. */
  readonly growth: number;
}

/** `differs`: whether WebAssembly gives other bits for a program than JavaScript. */
const RUN = `
  const { LossScaleOptimizer, RMSprop, setEngine, Variable } = rmsprop;
  const numbers = (seed, length) => new Float32Array(length).map((_, i) => ((i * 7919 + seed * 104729) % 2003) / 1000 - 1);
  const MADE = { Variables: (values) => new Variable(values), arrays: (values) => values, numbers: (values) => Array.from(values) };
  function run(engine, { options, sizes, variables, gradients, scaled, growth }) {
    setEngine(engine);
    const trained = sizes.map((size, i) => MADE[variables](numbers(i, size)));
    const inner = new RMSprop(options);
    const optimizer = scaled ? new LossScaleOptimizer(inner) : inner;
    for (let call = 0; call < 4; call++) {
      optimizer.apply(sizes.map((size, i) => MADE[gradients](numbers(call + i + 9, size))), trained);
      if (growth > 0) new Variable(new Float32Array(growth));
    }
    return [...trained, ...inner.variables].map((made) => new Uint8Array((made.value ?? made).slice().buffer));
  }
  function differs(program) {
    const reference = run("js", program);
    return run("wasm", program).some((bytes, i) => bytes.some((byte, k) => byte !== reference[i][k]));
  }`;

const OPTIONS: readonly Program["options"][] = [
  {},
  { clipnorm: 0.5 },
  { globalClipnorm: 0.5, lossScaleFactor: 8 },
  { gradientAccumulationSteps: 2, momentum: 0.9, centered: true, useEma: true, clipnorm: 1 },
];

const MEMORIES = [
  ["that threads can share", "", 0],
  ["in a page that is not isolated", "globalThis.crossOriginIsolated = false;", 2],
] as const;

const programs: readonly Program[] = OPTIONS.flatMap((options) =>
  (["Variables", "arrays"] as const).flatMap((variables) =>
    (["Variables", "arrays", "numbers"] as const).flatMap((gradients) =>
      [true, false].map((scaled) => {
        const large = variables === "arrays" && gradients !== "arrays";
        return { options, variables, gradients, scaled, sizes: large ? [100, 33_000] : [100], growth: 200_000 };
      }),
    ),
  ),
);

const isAllowed = ({ options, scaled }: Program): boolean => !(scaled && "lossScaleFactor" in options);

let script = "";

beforeAll(async () => {
  script = await scriptOf(`${RUN} globalThis.differs = differs;`);
});

describe.each(MEMORIES)("with memory %s", (_, before, first) => {
  test("no first step throws, and each has the bits of JavaScript", () => {
    const outcomes = choice(programs.filter(isAllowed), 5, first).map((program) => {
      const act = `try { result = differs(program); } catch (error) { result = String(error); }`;
      const result = runInRealm(`${script} ${act}`, {
        before: `${before} globalThis.result = null; globalThis.program = ${JSON.stringify(program)};`,
      });
      return { program, result };
    });
    expect(outcomes.filter(({ result }) => result !== false)).toEqual([]);
  });
});

test("a LossScaleOptimizer around RMSprop steps over an array with gradients as numbers, in a process of its own", async () => {
  const code = await scriptOf(`
    const [optimizer, variable] = [new rmsprop.LossScaleOptimizer(new rmsprop.RMSprop()), new Float32Array(100)];
    for (let call = 0; call < 3; call++) optimizer.apply([Array(100).fill(1)], [variable]);
    console.log(optimizer.innerOptimizer.iterations, variable[0]);`);
  const printed = execFileSync(process.execPath, ["-"], { input: code, encoding: "utf8" });
  expect(printed).toBe("3 -0.0002892634365707636\n");
});
