// The example in seconds: physics, memory, command line, picture, and a short run that learns.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { schedules } from "rmsprop";
import { RMSprop } from "rmsprop/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { withProgram } from "../../test/child.js";
import { isWhole } from "../../test/seed.js";
import { startWasmBackend } from "../shared/backend.js";
import { createRandom } from "../shared/random.js";
import { Agent } from "./agent.js";
import { accelerations, CartPole, hasFallen, moved, type State } from "./cart-pole.js";
import { writeChart } from "./chart.js";
import { createCommand, type Options, parseOptions } from "./options.js";
import { ReplayMemory } from "./replay.js";
import { type Episode, learningSteps, meanOf, type Run, train } from "./train.js";

describe("the cart-pole", () => {
  it("stays where it is when it stands upright, at rest and unpushed", () => {
    expect(accelerations([1, 0, 0, 0], 0)).toEqual([0, 0]);
  });

  it("has the accelerations of the linear theory near upright", () => {
    // With 4/3 l = I/ml + l: angular = (g angle - force / M) / (l (4/3 - m / M)), all masses together M.
    const [angle, force, mass] = [1e-4, 0.01, 1.1];
    const [acceleration, angular] = accelerations([0, 0, angle, 0], force);
    const expected = (9.8 * angle - force / mass) / (0.5 * (4 / 3 - 0.1 / mass));
    expect(angular).toBeCloseTo(expected, 9);
    expect(acceleration).toBeCloseTo((force - 0.1 * 0.5 * expected) / mass, 9);
  });

  it("keeps its energy while nobody pushes", () => {
    let state: State = [0, 0.3, 0.4, -0.2];
    const before = energyOf(state);
    for (let i = 0; i < 200_000; i++) state = moved(state, 0, 1e-5); // 2 seconds, in which the pole falls all around
    expect(Math.abs(state[2])).toBeGreaterThan(1);
    expect(energyOf(state)).toBeCloseTo(before, 3);
  });

  it("moves as its mirror image when all is mirrored", () => {
    const state: State = [0.1, -0.2, 0.05, 0.3];
    const mirror = (given: State): State => [-given[0], -given[1], -given[2], -given[3]];
    expect(moved(mirror(state), -10)).toEqual(mirror(moved(state, 10)));
  });

  it.each([
    [[2.41, 0, 0, 0], true],
    [[-2.41, 0, 0, 0], true],
    [[2.39, 9, 0.2, 9], false],
    [[0, 0, 0.21, 0], true],
    [[0, 0, -0.21, 0], true],
  ] as const)("at %j has fallen: %s", (state, fallen) => {
    expect(hasFallen(state)).toBe(fallen);
  });

  it("is over when it fell, or when its time is up without having fallen", () => {
    const cartPole = new CartPole(createRandom(1), 12);
    const play = (action: (step: number) => number): { steps: number; fallen: boolean } => {
      cartPole.reset();
      for (let steps = 1; ; steps++) {
        const { over, fallen } = cartPole.push(action(steps));
        if (over) return { steps, fallen };
      }
    };
    expect(play((step) => step % 2)).toEqual({ steps: 12, fallen: false });
    const pushed = play(() => 1);
    expect(pushed.fallen).toBe(true);
    expect(pushed.steps).toBeLessThan(12);
  });
});

describe("the replay memory", () => {
  it("forgets the oldest transitions and draws whole rows, the same for the same seed", () => {
    const memory = new ReplayMemory(3);
    for (let i = 0; i < 5; i++) memory.add([i, i, i, i], i % 2, [i, i, i, i + 1], i === 4);
    expect(memory.size).toBe(3);
    const batch = memory.sample(50, createRandom(2));
    const rows = Array.from(batch.actions, (action, i) => [
      ...[...batch.states.subarray(4 * i, 4 * i + 4), action, ...batch.nextStates.subarray(4 * i, 4 * i + 4)],
      batch.alive[i],
    ]);
    const known = [2, 3, 4].map((i) => [i, i, i, i, i % 2, i, i, i, i + 1, i === 4 ? 0 : 1]);
    for (const row of rows) expect(known).toContainEqual(row);
    expect(new Set(rows.map(([first]) => first))).toEqual(new Set([2, 3, 4]));
    expect(memory.sample(50, createRandom(2))).toEqual(batch);
  });
});

describe("a run", () => {
  beforeAll(startWasmBackend);

  // Some seconds, which `npm test` leaves to the others.
  it.runIf(isWhole)("learns: the pole stands much longer than before, and no tensor is left behind", () => {
    const before = tf.memory().numTensors;
    const run = runOf(1, 2000);
    expect(meanOf(run.before)).toBeLessThan(40);
    expect(meanOf(run.after)).toBeGreaterThan(80);
    const scores = run.episodes.map(({ score }) => score);
    expect(meanOf(scores.slice(-10))).toBeGreaterThan(2 * meanOf(scores.slice(0, 10)));
    expect(tf.memory().numTensors).toBe(before);
  });

  it.runIf(isWhole)("is the same again for the same seed, and another one for another", () => {
    const [one, again, other] = [runOf(3, 600), runOf(3, 600), runOf(4, 600)];
    expect(again).toEqual(one);
    expect(other.episodes).not.toEqual(one.episodes);
    expect(one.episodes.some(({ loss }) => loss > 0)).toBe(true);
  });
});

describe("the command line", () => {
  it("has defaults that the library takes", () => {
    const { learningRate, rho, momentum, epsilon, centered, useEma } = parse("");
    expect(new RMSprop({ learningRate, rho, momentum, epsilon, centered, useEma }).getConfig().centered).toBe(true);
  });

  it("reads every option", () => {
    const line =
      "--steps 10 --max-steps 20 --batch-size 8 --seed 9 --discount 0.5 --out there --learning-rate 1e-2 --rho 0.5 --momentum 0 --epsilon 1 --no-centered --use-ema";
    expect(parse(line)).toEqual({
      ...{ steps: 10, maxSteps: 20, batchSize: 8, seed: 9, discount: 0.5, out: "there", learningRate: 0.01, rho: 0.5 },
      ...{ momentum: 0, epsilon: 1, centered: false, useEma: true },
    });
  });

  it.each([
    ["--step 1", "unknown option '--step'\n(Did you mean --steps?)"],
    ["--seed -1", "option '--seed <whole number>' argument '-1' is invalid. It must be a whole number, 0 or more."],
    ["--steps 0", "option '--steps <count>' argument '0' is invalid. It must be a whole number, 1 or more."],
    ["--discount 2", "option '--discount <0..1>' argument '2' is invalid. It must be a number from 0 to 1."],
    ["--rho x", "option '--rho <0..1>' argument 'x' is invalid. It must be a number."],
    ["now", "too many arguments. Expected 0 arguments but got 1."],
  ])("refuses %s by its name", (line, message) => {
    expect(() => parse(line)).toThrow(`error: ${message}`);
  });

  it("prints help, and what the library refuses in one line", async () => {
    expect(createCommand().helpInformation()).toMatch(/--seed <whole number> .*\n[\s\S]*--learning-rate/);
    const { stderr, status } = await program("--rho", "2");
    expect(stderr).toBe(
      "error: RMSprop: rho must be a finite number from 0 to 1; received rho=2. Pass a finite number from 0 to 1.\n",
    );
    expect(status).toBe(1);
  });
});

describe("the picture", () => {
  it.each([
    ["many episodes", 30],
    ["no episode", 0],
  ])("is drawn of %s", (_, count) => {
    const episodes = Array.from({ length: count }, (_, i): Episode => {
      return { episode: i + 1, step: 20 * i + 20, score: 20, epsilon: 0.1, loss: Number.NaN };
    });
    const folder = mkdtempSync(join(tmpdir(), "cartpole-"));
    const [svg = "", png = ""] = writeChart(
      folder,
      "caption",
      { before: [9], episodes, after: [150] },
      { steps: 600, maxSteps: 200 },
    );
    const text = readFileSync(svg, "utf8");
    expect(text).toContain("mean of 10 episodes");
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe("PNG");
    rmSync(folder, { recursive: true });
  });
});

/** A small run with a small batch. */
function runOf(seed: number, steps: number): Run {
  const decay = { initialLearningRate: 1e-3, decaySteps: learningSteps(steps), alpha: 0.05 };
  const learningRate = new schedules.CosineDecay(decay);
  const optimizer = new RMSprop({ learningRate, rho: 0.95, momentum: 0.9, epsilon: 0.01, centered: true });
  const agent = new Agent(optimizer, seed, 0.98);
  const run = train(agent, { seed, steps, maxSteps: 200, batchSize: 32 });
  for (const made of [agent, optimizer]) made.dispose();
  return run;
}

/** Kinetic and potential energy in joules: the cart, and a uniform rod of half length 0.5 m that is hinged to it. */
function energyOf([, velocity, angle, angularVelocity]: State): number {
  const [mass, length] = [0.1, 0.5];
  const pole =
    velocity ** 2 +
    2 * velocity * length * angularVelocity * Math.cos(angle) +
    (4 / 3) * length ** 2 * angularVelocity ** 2;
  return (velocity ** 2 + mass * pole) / 2 + mass * 9.8 * length * Math.cos(angle);
}

/** Parses a line; an error is thrown where the program would end. */
function parse(line: string): Options {
  const command = createCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return parseOptions(
    line.split(" ").filter((word) => word !== ""),
    command,
  );
}

/** The program itself, on the sources. */
function program(...args: readonly string[]): Promise<{ stderr: string; status: number }> {
  return withProgram(fileURLToPath(new URL("./main.ts", import.meta.url)), (path) => {
    const { stderr, status } = spawnSync(process.execPath, [path, ...args], { encoding: "utf8" });
    return { stderr, status: status ?? -1 };
  });
}
