// The parts of the example that need no training: the data, the seeded split, the command line, the picture.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RMSprop } from "rmsprop";
import { describe, expect, it } from "vitest";
import { createRandom, shuffledIndices } from "../shared/random.js";
import { writeChart } from "./chart.js";
import { captionOf, conclusionOf, explain } from "./conclusion.js";
import { type Digits, PIXELS, splitDigits } from "./data.js";
import { loadDigits } from "./load.js";
import { createCommand, flagOf, type Options, parseOptions } from "./options.js";
import type { NamedRun, NamedRuns } from "./report.js";
import { readResult } from "./result.js";

describe("the digits", () => {
  const digits = loadDigits();

  it("are 1,797 images of 64 pixels from 0 to 1", () => {
    expect(digits.labels).toHaveLength(1797);
    expect(digits.pixels).toHaveLength(1797 * PIXELS);
    expect(Math.min(...digits.pixels)).toBe(0);
    expect(Math.max(...digits.pixels)).toBe(1);
  });

  it("hold each digit as often as the documentation of the set says", () => {
    const counts = Array.from({ length: 10 }, (_, digit) => digits.labels.filter((label) => label === digit).length);
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  it("are split into 1,437 and 360 rows, each row used once and still beside its label", () => {
    const { training, heldOut } = splitDigits(digits, 7);
    expect([training.labels.length, heldOut.labels.length]).toEqual([1437, 360]);
    expect([...rowsOf(training), ...rowsOf(heldOut)].sort()).toEqual(rowsOf(digits).sort());
  });

  it("are split the same way for the same seed, and another way for another", () => {
    expect(splitDigits(digits, 3)).toEqual(splitDigits(digits, 3));
    expect(splitDigits(digits, 3).heldOut.labels).not.toEqual(splitDigits(digits, 4).heldOut.labels);
  });
});

describe("a seeded shuffle", () => {
  it("gives the same order on every machine", () => {
    expect([...shuffledIndices(8, createRandom(1))]).toMatchInlineSnapshot(`
      [
        2,
        1,
        6,
        7,
        4,
        3,
        0,
        5,
      ]
    `);
  });
});

describe("the command line", () => {
  it("without options takes what Keras takes", () => {
    expect(new RMSprop(parse().rmsprop).getConfig()).toEqual(new RMSprop().getConfig());
  });

  it.each([
    ["--learning-rate 1e-2", { learningRate: 0.01 }],
    ["--rho=-1", { rho: -1 }],
    ["--momentum 0.5 --epsilon 0", { momentum: 0.5, epsilon: 0 }],
    ["--centered --use-ema", { centered: true, useEma: true }],
    ["--weight-decay 0.1 --clipnorm 1", { weightDecay: 0.1, clipnorm: 1 }],
    ["--clipvalue 1", { clipvalue: 1 }],
    ["--global-clipnorm 2", { globalClipnorm: 2 }],
    ["--ema-momentum 0.9 --ema-overwrite-frequency 5", { emaMomentum: 0.9, emaOverwriteFrequency: 5 }],
    ["--loss-scale-factor 8", { lossScaleFactor: 8 }],
    ["--gradient-accumulation-steps 4", { gradientAccumulationSteps: 4 }],
    ["--name mine", { name: "mine" }],
  ])("reads %s", (line, expected) => {
    expect(parse(line).rmsprop).toMatchObject(expected);
  });

  it("reads the options of the run", () => {
    const line = "--epochs 3 --batch-size 8 --seed 9 --out there --schedule cosine";
    expect(parse(line)).toMatchObject({ epochs: 3, batchSize: 8, seed: 9, out: "there", schedule: "cosine" });
  });

  it.each([
    ["--weight-decy 1", "unknown option '--weight-decy'\n(Did you mean --weight-decay?)"],
    ["--rho abc", "option '--rho <0..1>' argument 'abc' is invalid. It must be a number."],
    ["--epochs 2.5", "option '--epochs <count>' argument '2.5' is invalid. It must be a whole number, 1 or more."],
    ["--seed -1", "option '--seed <whole number>' argument '-1' is invalid. It must be a whole number, 0 or more."],
    [
      "--schedule linear",
      "option '--schedule <name>' argument 'linear' is invalid. Allowed choices are constant, cosine.",
    ],
    ["--out", "option '--out <folder>' argument missing"],
    ["digits", "too many arguments. Expected 0 arguments but got 1."],
  ])("refuses %s by its name", (line, message) => {
    expect(() => parse(line)).toThrow(`error: ${message}`);
  });

  it("lists every argument of RMSprop in its help", () => {
    const help = createCommand().helpInformation();
    for (const key of Object.keys(parse().rmsprop)) {
      expect(help).toContain(`--${flagOf(key)}`);
    }
  });
});

describe("the comparison", () => {
  const [one, two] = [Float32Array.of(1, 2), Float32Array.of(1, 2.5)];

  it.each([
    ["equal weights", "", one, ["All 2 weights of the first two runs are equal to the bit"]],
    ["other weights", "", two, ["1 of 2 weights of the first two runs are equal, the largest difference is 0.5000."]],
    ["an option of Keras only", "--clipnorm 1", two, ["tf.train.rmsprop has no --clipnorm: it ran without."]],
    [
      "a NaN",
      "--centered",
      Float32Array.of(1, Number.NaN),
      ["tf.train.rmsprop ended with 1 of 2 weights that are not a number: centered"],
    ],
  ])("explains %s", (_case, line, theirs, expected) => {
    const sentences = explain(one, theirs, parse(line));
    expect(sentences).toEqual(expected.map((start) => expect.stringContaining(start)));
  });

  it.each([
    ["equal bits", one, "In short: the same bits as tf.train.rmsprop, an update 20 times as fast, and "],
    ["other bits", two, "In short: an update 20 times as fast, and "],
  ])("sums up %s, and the times of this run", (_case, theirs, expected) => {
    const runs = runsOf(one, theirs);
    expect(conclusionOf(runs, parse(), readResult()).at(-1)).toContain(expected);
    expect(captionOf(runs, parse()).includes("(equal to the bit)")).toBe(theirs === one);
  });
});

describe("the picture", () => {
  it.each([
    ["many epochs", [2.3, 0.5, 0.01]],
    ["a single epoch", [2.3]],
    ["losses that a log scale cannot show", [0, Number.NaN, Number.POSITIVE_INFINITY]],
  ])("is drawn for %s", (_case, losses) => {
    const folder = mkdtempSync(join(tmpdir(), "digits-"));
    const [svg = "", png = ""] = writeChart(
      folder,
      "caption",
      ["ours", "theirs", "extended"].map((name) => runOf(name, losses)),
    );
    const text = readFileSync(svg, "utf8");
    for (const name of ["ours", "theirs", "extended"]) expect(text).toContain(`training, ${name}`);
    expect(text).toContain("stroke-dasharray");
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe("PNG");
    rmSync(folder, { recursive: true });
  });
});

function runsOf(ours: Float32Array, theirs: Float32Array): NamedRuns {
  const runWith = (weights: Float32Array, updateMs: number): NamedRun => {
    const named = runOf("run", [1]);
    return { ...named, updateMs, run: { ...named.run, weights } };
  };
  return [runWith(ours, 0.01), runWith(theirs, 0.2), runWith(ours, 0.01)];
}

function runOf(name: string, losses: readonly number[]): NamedRun {
  const epochs = losses.map((loss, index) => {
    const score = { loss, accuracy: 0.9 };
    return { epoch: index + 1, training: score, heldOut: score, ms: 1 };
  });
  return {
    name,
    label: "",
    updateMs: 1,
    run: { epochs, weights: Float32Array.of(1), score: { loss: 1, accuracy: 1 } },
  };
}

function rowsOf({ pixels, labels }: Digits): string[] {
  return Array.from(labels, (label, row) => `${pixels.subarray(row * PIXELS, (row + 1) * PIXELS)}:${label}`);
}

/** Parses a line; an error is thrown where the program would end. */
function parse(line = ""): Options {
  const command = createCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return parseOptions(
    line.split(" ").filter((word) => word !== ""),
    command,
  );
}
