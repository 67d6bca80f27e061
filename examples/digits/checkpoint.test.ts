// A run that is resumed ends where one ends that was never stopped.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startWasmBackend } from "../shared/backend.js";
import { resumeRun, saveRun } from "./checkpoint.js";
import { contendersOf } from "./contenders.js";
import { PIXELS, splitDigits } from "./data.js";
import { loadDigits } from "./load.js";
import { createModel, createRmsprop } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { train } from "./train.js";

const { pixels, labels } = loadDigits();
const IMAGES = 600;
const data = splitDigits({ pixels: pixels.subarray(0, IMAGES * PIXELS), labels: labels.subarray(0, IMAGES) }, 0);

/** The weights at the end of a run that saves itself after each epoch. */
async function weightsAfter(folder: string, options: Options): Promise<Float32Array> {
  const optimizer = createRmsprop(options, 100);
  const model = createModel(0, optimizer);
  const initialEpoch = options.resume ? resumeRun(folder, options, model, optimizer) : 0;
  const watcher = {
    onStep: () => undefined,
    onEpoch: ({ epoch }: { epoch: number }) => saveRun(folder, epoch, options, model, optimizer),
  };
  const { weights } = await train(model, data, { ...options, initialEpoch }, watcher);
  model.dispose();
  optimizer.dispose();
  return weights;
}

test("two epochs, a checkpoint and two more equal four, in every bit; other options are refused", async () => {
  await startWasmBackend();
  const folder = mkdtempSync(join(tmpdir(), "rmsprop-"));
  const given = ["--momentum", "0.9", "--use-ema", "--gradient-accumulation-steps", "4", "--batch-size", "64"];
  const optionsOf = (epochs: number, ...more: string[]): Options =>
    parseOptions([...given, "--epochs", String(epochs), "--checkpoint", folder, ...more]);
  const whole = await weightsAfter(join(folder, "whole"), optionsOf(4));
  await weightsAfter(folder, optionsOf(2));
  expect(await weightsAfter(folder, optionsOf(4, "--resume"))).toEqual(whole);
  expect(readdirSync(folder).filter((name) => name.endsWith(".safetensors"))).toHaveLength(3);
  await expect(weightsAfter(folder, optionsOf(5, "--resume", "--seed", "1"))).rejects.toThrow(
    /^--resume: .+other options/,
  );
  rmSync(folder, { recursive: true });
});

test("both runs of RMSprop are saved, each in its own folder", () => {
  const contenders = contendersOf(parseOptions(["--checkpoint", "run"]), 10);
  expect(contenders.map(({ options }) => options.checkpoint)).toEqual(["run", null, join("run", "extended")]);
});
