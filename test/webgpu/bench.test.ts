// `npm run bench -- webgpu`: its clocks, its counts and its table.
import { expect, test } from "vitest";
import type { Lineup } from "../../bench/contender.js";
import { isSoftware, softwareNotes, startMeasuredGpu, TIMESTAMPS } from "../../bench/contenders/gpu-adapter.js";
import { timedOnDevice } from "../../bench/contenders/gpu-clock.js";
import { encodeCopyOf } from "../../bench/contenders/gpu-copy.js";
import { gpuEncoding, gpuLineup } from "../../bench/contenders/webgpu.js";
import { takeTurns } from "../../bench/measure.js";
import { foldedTable, printedTable } from "../../bench/report.js";
import type { Result } from "../../bench/result.js";
import { requestAdapter, startDevice } from "./device.js";

const EFFORT = { warmUpMs: 1, turnMs: 0.1, budgetMs: 1, minRounds: 3, maxRounds: 3 };

async function resultOf(facts: Result["facts"], parameters: number, lineup: Lineup): Promise<Result> {
  const samples = await takeTurns(lineup, EFFORT);
  const measured = lineup.contenders.map(({ name }, i) => ({ name, samples: samples[i] ?? [] }));
  return { facts: { ...facts, ...lineup.facts }, parameters, measured, missing: [], notes: lineup.notes ?? [] };
}

test.each([
  [{ vendor: "google", architecture: "swiftshader", description: "SwiftShader driver 5.0.0" }, true],
  [{ vendor: "mesa", architecture: "", description: "llvmpipe (LLVM 19.1.7, 256 bits)" }, true],
  [{ vendor: "microsoft", architecture: "", description: "Microsoft Basic Render Driver" }, true],
  [{ vendor: "nvidia", architecture: "ada", description: "NVIDIA: 575.57.08" }, false],
  [{ vendor: "apple", architecture: "metal-3", description: "Metal driver on macOS" }, false],
])("the figures of %j mean nothing for a GPU: %s", (names, expected) => {
  const info = { ...names, device: "", isFallbackAdapter: false };
  expect(isSoftware(info)).toBe(expected);
  expect(softwareNotes(info)).toHaveLength(expected ? 1 : 0);
  expect(isSoftware({ ...info, isFallbackAdapter: true })).toBe(true);
});

test("passes of others are timed, by the device where it can, each of them, however many there are", async () => {
  const { device } = await startMeasuredGpu();
  const { features } = await requestAdapter();
  expect(device.features.has(TIMESTAMPS)).toBe(features.has(TIMESTAMPS));
  let steps = 0;
  const copy = encodeCopyOf(device, 1000);
  const contender = timedOnDevice("copy", device, (encoder) => {
    steps++;
    copy(encoder);
  });
  expect(await contender.time(1)).toBeGreaterThan(0);
  expect(await contender.time(2500)).toBeGreaterThan(0);
  expect(steps).toBe(2501);
});

test("a device without timestamps is timed by the processor", async () => {
  const { device } = await startDevice();
  expect(device.features.has(TIMESTAMPS)).toBe(false);
  expect(await timedOnDevice("copy", device, encodeCopyOf(device, 1000)).time(3)).toBeGreaterThan(0);
});

test("the tables have a row for each case, with the adapter, the share of the copy and the dispatches", async () => {
  const results = [
    await resultOf(
      { part: "kernels", features: "plain", parameters: 10_000, bytes: 20 },
      10_000,
      await gpuLineup(10_000, {}, 20),
    ),
    await resultOf({ part: "encoding", variables: 3 }, 192, await gpuEncoding(3, 64)),
  ];
  const printed = printedTable("webgpu", results);
  expect(printed).toMatch(/^## A step on the GPU\n/);
  expect(printed).toMatch(/\n\nAdapter: \w.*; driver: .+\.\n\n/);
  expect(printed).toMatch(/\| plain +\| +10,000 +\|.* [\d.,]+% \([\d.,]+% to [\d.,]+%\) \|/);
  expect(printed).toMatch(/\| +3 +\| +1 +\| +[1-9]\d* +\| +[\d.]+ +\|/);
  expect(printed).not.toContain("NaN");
  expect(foldedTable("webgpu", results)).toMatch(
    /^<details>\n<summary>A step on the GPU<\/summary>\n\n.+\n\n<\/details>$/s,
  );
});
