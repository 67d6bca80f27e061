// The tab Digits on WebGPU: the engine of `npm run start:webgpu` trains as well as TensorFlow.js, and where there is no adapter, it is said.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { draw, historyOf, save, train, trained } from "./digits.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();

const COURSE = "tab=digits&epochs=3&batchSize=32&seed=5&inputs=clean";
const CONTESTANTS = "one=rmsprop~learningRate:0.002~useEma:true~emaMomentum:0.9&two=adam~learningRate:0.002";

async function engineOf(page: Page): Promise<string> {
  return page.locator("#digits-engine").inputValue();
}

test("trains both contestants as TensorFlow.js does, and shows guesses and rates", async () => {
  const histories = await open({ fragment: `${COURSE}&${CONTESTANTS}` }, async (page) => {
    await trained(page);
    const onTfjs = [await historyOf(page, 1), await historyOf(page, 2)];
    expect(await engineOf(page)).toBe("tfjs");
    await page.locator("#digits-engine").selectOption("WebGPU");
    await page.waitForURL(/engine=webgpu/);
    await page.getByText("Epoch 0 of 3").waitFor();
    await trained(page);
    await page.getByText(/^WebGPU computes on .+\.$/).waitFor();
    const onGpu = [await historyOf(page, 1), await historyOf(page, 2)];
    expect(await page.locator(".inside.run0 .pixel-map rect[data-value]").count()).toBe(64);
    expect(await page.locator(".inside.run1 .histogram rect[data-value]").count()).toBeGreaterThan(3);
    await draw(page, [
      [0.5, 0.1],
      [0.5, 0.9],
    ]);
    await page.getByText("Both say 1.").waitFor();
    expect(await seriousIssues(page)).toEqual([]);
    return { onTfjs, onGpu };
  });
  const { onTfjs, onGpu } = histories;
  expect(onGpu.map((rows) => rows.length)).toEqual([4, 4]);
  onGpu.flat().forEach((row, i) => {
    const other = onTfjs.flat()[i] ?? [];
    row.forEach((value, column) => {
      // Losses to two parts of a hundred; of accuracies, three of 360 digits.
      const isAccuracy = column === 2 || column === 4;
      const most = isAccuracy ? 0.009 : 0.02 * (other[column] ?? Number.NaN);
      if (value === null) expect(other[column]).toBeNull();
      else expect(Math.abs(value - (other[column] ?? Number.NaN))).toBeLessThan(most);
    });
  });
});

test("a checkpoint goes on where it was: in every bit on WebGPU, and on TensorFlow.js", async () => {
  const run = "one=rmsprop~learningRate:0.002~momentum:0.5~useEma:true&two=tfsgd~learningRate:0.1";
  const words = `tab=digits&batchSize=64&seed=3&${run}`;
  const onGpu = (epochs: number): string => `${words}&engine=webgpu&epochs=${epochs}`;
  const whole = await open({ fragment: onGpu(4) }, async (page) => {
    await trained(page);
    // The optimizer of TensorFlow.js stays there.
    expect(await historyOf(page, 2)).toHaveLength(5);
    return historyOf(page, 1);
  });
  const file = await open({ fragment: onGpu(2) }, async (page) => {
    await trained(page);
    return save(page);
  });
  const resumed = (fragment: string): Promise<(number | null)[][]> =>
    open({ fragment }, async (page) => {
      await trained(page);
      await page.locator("#file").setInputFiles({ ...file, mimeType: "application/octet-stream" });
      await page.getByRole("button", { name: "Resume it as 2" }).click();
      await page.getByText("Contestant 2 resumes after epoch 2.").waitFor();
      expect(await page.locator(".inside.run1 .pixel-map rect[data-value]").count()).toBe(64);
      await train(page);
      return historyOf(page, 2);
    });
  expect(await resumed("tab=digits&epochs=4&engine=webgpu")).toEqual(whole);
  const elsewhere = await resumed("tab=digits&epochs=4");
  expect(elsewhere.slice(0, 3)).toEqual(whole.slice(0, 3));
  expect((elsewhere.at(-1)?.[1] ?? 0) / (whole.at(-1)?.[1] ?? 0)).toBeCloseTo(1, 1);
});

test("where there is no adapter the choice is disabled and says why, and TensorFlow.js trains", async () => {
  const withoutGpu = async (page: Page): Promise<void> => {
    await page.route("**/later/worker-*.js", async (route) => {
      const response = await route.fetch();
      const hidden = 'Object.defineProperty(self.navigator, "gpu", { value: undefined });';
      await route.fulfill({ response, body: `${hidden}${await response.text()}` });
    });
  };
  const context = { serviceWorkers: "block" } as const;
  await open({ fragment: "tab=code", context }, async (page) => {
    await withoutGpu(page);
    await page.evaluate((words) => location.replace(`#${words}&engine=webgpu`), COURSE);
    await page.getByText("There is no WebGPU here: This browser does not offer it to this page.").waitFor();
    expect(await engineOf(page)).toBe("tfjs");
    expect(await page.locator("#digits-engine option[value=webgpu]").isDisabled()).toBe(true);
    await trained(page);
    await page.getByText("TensorFlow.js computes on wasm.").waitFor();
    expect((await historyOf(page, 1)).at(-1)?.[2]).toBeGreaterThan(0.8);
  });
});
