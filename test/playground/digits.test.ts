// The tab Digits used as a person would: its numbers are those of `npm start` in Node, drawings are told, nothing breaks it.
import { mkdirSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import type { Page } from "playwright-core";
import { Adam, AdamW, Lion, RMSprop, SGD } from "rmsprop/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { splitDigits } from "../../examples/digits/data.js";
import { loadDigits } from "../../examples/digits/load.js";
import { createModel } from "../../examples/digits/model.js";
import { type Run, train as trainInNode } from "../../examples/digits/train.js";
import { startWasmBackend } from "../../examples/shared/backend.js";
import { draw, historyOf, probabilitiesOf, train, trained } from "./digits.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await startWasmBackend();
});

const COURSE = { epochs: 4, batchSize: 32, seed: 5 };
const COURSE_WORDS = "epochs=4&batchSize=32&seed=5&inputs=clean";

/** Averages beside raw weights; and SGD at a rate that suits clean images. */
const EMA_AND_SGD = "one=rmsprop~learningRate:0.001~useEma:true&two=sgd~learningRate:0.1";

/** The same run by what `npm start` runs. */
async function runInNode(
  optimizer: tf.Optimizer,
  data = splitDigits(loadDigits(), COURSE.seed),
  course = COURSE,
): Promise<Run> {
  const model = createModel(course.seed, optimizer);
  const watcher = { onStep: () => undefined, onEpoch: () => undefined };
  const run = await trainInNode(model, data, course, watcher);
  model.dispose();
  optimizer.dispose();
  return run;
}

const CASES: readonly (readonly [word: string, create: () => tf.Optimizer])[] = [
  ["rmsprop~learningRate:0.001", () => new RMSprop()],
  [
    "rmsprop~learningRate:0.002~momentum:0.5~centered:true~globalClipnorm:1",
    () => new RMSprop({ learningRate: 0.002, momentum: 0.5, centered: true, globalClipnorm: 1 }),
  ],
  [
    "rmsprop~learningRate:0.01~useEma:true~gradientAccumulationSteps:2",
    () => new RMSprop({ learningRate: 0.01, useEma: true, gradientAccumulationSteps: 2 }),
  ],
  ["sgd~learningRate:0.1~momentum:0.9", () => new SGD({ learningRate: 0.1, momentum: 0.9 })],
  ["adam~learningRate:0.001", () => new Adam()],
  ["adamw~learningRate:0.001", () => new AdamW()],
  ["lion~learningRate:0.0003", () => new Lion({ learningRate: 0.0003 })],
  ["tfjs~learningRate:0.001", () => tf.train.rmsprop(0.001, 0.9, 0, 1e-7)],
  ["tfsgd~learningRate:0.1", () => tf.train.sgd(0.1)],
  ["tfadam~learningRate:0.001", () => tf.train.adam(0.001, 0.9, 0.999, 1e-7)],
];

describe("the curves", () => {
  test.each(CASES)("of %s are those of the same run in Node, in every bit", async (word, create) => {
    const run = await runInNode(create());
    const rows = await open({ fragment: `tab=digits&${COURSE_WORDS}&two=${word}` }, async (page) => {
      await trained(page);
      return historyOf(page, 2);
    });
    expect(rows.slice(1).map((row) => row.slice(0, 3))).toEqual(
      run.epochs.map(({ training, heldOut }) => [training.loss, heldOut.loss, heldOut.accuracy]),
    );
    // After the last epoch, fit in Node has put the averages in place.
    const last = rows.at(-1)?.slice(3);
    expect(last).toEqual(word.includes("useEma") ? [run.score.loss, run.score.accuracy] : [null, null]);
  });

  test("both contestants start from the same weights, and learn", async () => {
    await open({ fragment: `tab=digits&epochs=6&inputs=clean&${EMA_AND_SGD}` }, async (page) => {
      await trained(page);
      const [one, two] = [await historyOf(page, 1), await historyOf(page, 2)];
      expect(one[0]?.[1]).toBe(two[0]?.[1]);
      for (const [, , accuracy] of [one.at(-1) ?? [], two.at(-1) ?? []]) expect(accuracy).toBeGreaterThan(0.93);
      expect(one.at(-1)?.[4]).toBeGreaterThan(0.93);
      expect([one.length, two.length]).toEqual([7, 7]);
    });
  });

  test("pause stops them, start goes on, reset begins anew", async () => {
    await open({ fragment: "tab=digits&epochs=400" }, async (page) => {
      await page.waitForFunction(() => /^Epoch [1-9]/.test(document.querySelector("#epochs")?.textContent ?? ""));
      await page.getByRole("button", { name: "Pause" }).click();
      const text = () => page.locator("#epochs").textContent();
      // The epoch that goes on ends first.
      await page.waitForTimeout(1500);
      const paused = await text();
      await page.waitForTimeout(1000);
      expect(await text()).toBe(paused);
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.waitForFunction((before) => document.querySelector("#epochs")?.textContent !== before, paused);
      await page.getByText(/\d s left/).waitFor();
      await page.getByRole("button", { name: "Reset" }).click();
      await page.getByText("Epoch 0 of 400").waitFor();
      expect(await historyOf(page, 1)).toHaveLength(1);
    });
  });

  test("after their end other settings are trained at once, however fast they come, and more epochs, too", async () => {
    await open({ fragment: "tab=digits&epochs=2&inputs=clean&two=sgd~learningRate:0.1" }, async (page) => {
      await trained(page);
      const before = await historyOf(page, 1);
      for (const summary of await page.getByText("Options").all()) await summary.click();
      for (const rate of ["0.004", "0.003", "0.002"]) {
        await page.locator("#contestant0-learningRate").fill(rate);
        await page.locator("#contestant0-learningRate").blur();
      }
      await expect.poll(() => historyOf(page, 1)).toHaveLength(1);
      await trained(page);
      const run = await runInNode(new RMSprop({ learningRate: 0.002 }), splitDigits(loadDigits(), 0), {
        ...{ epochs: 2, batchSize: 16, seed: 0 },
      });
      const after = await historyOf(page, 1);
      expect(after.slice(1).map((row) => row[1])).toEqual(run.epochs.map(({ heldOut }) => heldOut.loss));
      expect(after).not.toEqual(before);
      await page.locator("#digits-epochs").fill("3");
      await page.locator("#digits-epochs").blur();
      await expect.poll(() => historyOf(page, 2), { timeout: 60_000 }).toHaveLength(4);
      await trained(page);
    });
  });

  test("while they are paused, other settings wait for Start, and the page says so", async () => {
    await open({ fragment: "tab=digits&epochs=400" }, async (page) => {
      await page.getByText(/^Epoch [1-9]\d* of/).waitFor({ timeout: 60_000 });
      await page.getByRole("button", { name: "Pause" }).click();
      await page.waitForTimeout(1500);
      const changed = page.getByText("Settings changed: press Start to train with them.");
      expect(await changed.count()).toBe(0);
      await page.locator("#contestant1-preset").selectOption("tf.train.adam");
      await changed.waitFor();
      expect(await historyOf(page, 2)).toHaveLength(1);
      await page.getByText("Epoch 0 of 400").waitFor();
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await changed.waitFor({ state: "detached" });
      await page.getByText(/^Epoch [1-9]\d* of/).waitFor({ timeout: 60_000 });
    });
  });

  test("settings that are refused show their message, and the other contestant trains", async () => {
    await open({ fragment: "tab=digits&epochs=1&one=rmsprop~rho:2" }, async (page) => {
      await trained(page);
      await page.getByRole("alert").getByText("rho must be").waitFor();
      expect(await historyOf(page, 2)).toHaveLength(2);
      expect(await historyOf(page, 1)).toEqual([]);
    });
  });

  test("they go on while another tab of the page is shown", async () => {
    await open({ fragment: "tab=digits&epochs=8" }, async (page) => {
      await page.getByText(/^Epoch [1-7] of 8/).waitFor();
      await page.getByRole("tab", { name: "Code" }).click();
      await page.waitForTimeout(3000);
      await page.getByRole("tab", { name: "Digits" }).click();
      await trained(page);
      expect(await historyOf(page, 1)).toHaveLength(9);
    });
  });
});

describe("the controls", () => {
  test("what is chosen is in the address, and the address brings it back", async () => {
    await open({ fragment: "tab=digits&run=rmsprop~rho:0.5~learningRate:0.002" }, async (page) => {
      await page.locator("#contestant0-preset").selectOption("Landscape's optimizer 1: RMSprop");
      await page.locator("#contestant1-preset").selectOption("tf.train.adam");
      await page.locator("#digits-epochs").fill("3");
      await page.locator("#digits-epochs").blur();
      await page.locator("#digits-inputs").selectOption("clean");
      await page.waitForURL(/one=rmsprop%7ElearningRate%3A0.002%7Erho%3A0.5&two=tfadam%7E.*epochs=3&inputs=clean/);
      await page.reload();
      expect(await page.locator("#digits-epochs").inputValue()).toBe("3");
      expect(await page.locator("#contestant0-rho").inputValue()).toBe("0.5");
      await page.locator(".contestant").getByRole("heading", { name: "2. tf.train.adam" }).waitFor();
      expect(await page.locator("#digits-inputs").inputValue()).toBe("clean");
    });
  });

  test.each([
    ["one=keras", 'there is no optimizer "keras"'],
    ["two=constructor~x:1", 'there is no optimizer "constructor"'],
    ["one=rmsprop~rho:x", '"rho" cannot be "x"'],
    ["epochs=-1", 'epochs cannot be "-1"'],
    ["batchSize=1e9", 'batchSize cannot be "1e9"'],
    ["seed=<script>", "seed cannot be"],
    ["inputs=none", 'inputs cannot be "none"'],
  ])("an address with %s opens, and says what was left out", async (words, problem) => {
    await open({ fragment: `tab=digits&${words}` }, async (page) => {
      await page.getByText(problem).waitFor();
      await page.getByRole("button", { name: /Pause|Start|Train again/ }).waitFor();
    });
  });

  test("a number that makes no sense is not taken", async () => {
    await open({ fragment: "tab=digits" }, async (page) => {
      for (const text of ["0", "1.5", "99999", ""]) {
        await page.locator("#digits-epochs").fill(text);
        await page.locator("#digits-epochs").blur();
        expect(await page.locator("#digits-epochs").inputValue()).toBe("25");
      }
    });
  });
});

const HALF = 0.5;
const DRAWINGS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  "0": Array.from({ length: 13 }, (_, i) => {
    const angle = (i / 12) * 2 * Math.PI;
    return [HALF + 0.25 * Math.sin(angle), HALF - 0.4 * Math.cos(angle)] as const;
  }),
  "1": [
    [0.5, 0.1],
    [0.5, 0.9],
  ],
  "7": [
    [0.25, 0.12],
    [0.75, 0.12],
    [0.45, 0.9],
  ],
};

describe("a digit", () => {
  test("that is drawn is told by both contestants, with raw weights and with averages; clear takes it away", async () => {
    await open({ fragment: `tab=digits&epochs=10&inputs=clean&${EMA_AND_SGD}` }, async (page) => {
      await trained(page);
      for (const [digit, points] of Object.entries(DRAWINGS)) {
        await draw(page, points);
        await page.getByText(`Both say ${digit}.`).waitFor();
        const columns = await probabilitiesOf(page);
        expect([...columns.keys()]).toEqual(["1. RMSprop", "1. RMSprop, EMA", "2. SGD"]);
        for (const probabilities of columns.values()) {
          expect(probabilities.indexOf(Math.max(...probabilities))).toBe(Number(digit));
          expect(probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
        }
        if (digit === "7") await page.screenshot({ path: `${SHOTS}/digits-drawn.png`, fullPage: true });
        await page.getByRole("button", { name: "Clear" }).click();
        await page.getByText("Nothing is drawn.").waitFor();
      }
    });
  });

  test("of those held out is taken with the keyboard, and told", async () => {
    const { heldOut } = splitDigits(loadDigits(), 0);
    await open({ fragment: `tab=digits&epochs=5&inputs=clean&${EMA_AND_SGD}` }, async (page) => {
      await trained(page);
      await page.getByRole("button", { name: "Next held-out digit" }).focus();
      // The first one is there from the start.
      await page.getByText("Held-out digit 1 is").waitFor();
      let right = 0;
      for (let index = 1; index < 13; index++) {
        await page.keyboard.press("Enter");
        const label = heldOut.labels[index];
        await page.getByText(`Held-out digit ${index + 1} is ${label === 8 ? "an" : "a"} ${label}.`).waitFor();
        await page.waitForFunction(() => /says?/.test(document.querySelector("#guess")?.textContent ?? ""));
        if (/(SGD says|Both say) (\d)/.exec((await page.locator("#guess").textContent()) ?? "")?.[2] === `${label}`)
          right++;
      }
      expect(right).toBeGreaterThanOrEqual(10);
      await page.getByRole("button", { name: "Previous held-out digit" }).press("Enter");
      await page.getByText("Held-out digit 12 is").waitFor();
    });
  });
});

describe("the page", () => {
  test.each(["light", "dark"] as const)("has no serious issue for axe, %s", async (colorScheme) => {
    await open({ fragment: "tab=digits&epochs=3", context: { colorScheme, reducedMotion: "reduce" } }, async (page) => {
      await trained(page);
      await page.getByRole("button", { name: "Next held-out digit" }).click();
      await page.getByText("Held-out digit 2 is").waitFor();
      await page.getByText("All epochs as a table").click();
      for (const summary of await page.getByText("Options").all()) await summary.click();
      await page.locator("#file").setInputFiles("test/keras-files/fixtures/tensorflow-everything.keras");
      await page.locator("#report table").waitFor();
      await page.screenshot({ path: `${SHOTS}/digits-${colorScheme}.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
    });
  });

  test("is readable on a phone, where a finger draws and does not scroll", async () => {
    const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await open({ fragment: `tab=digits&epochs=10&inputs=clean&${EMA_AND_SGD}`, context }, async (page) => {
      await trained(page);
      await drawByFinger(page);
      await page.getByText("Both say 1.").waitFor();
      await page.locator("#file").setInputFiles("test/keras-files/fixtures/tensorflow-everything.keras");
      await page.locator("#report table").waitFor();
      // A phone makes room for what is too wide: then the page would be wider than its screen.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(context.viewport.width);
      await page.screenshot({ path: `${SHOTS}/digits-phone.png`, fullPage: true });
      expect(await seriousIssues(page)).toEqual([]);
    });
  });

  test("stays responsive while it trains", async () => {
    const frames = await open({ fragment: "tab=digits&epochs=500" }, async (page) => {
      await page.getByText(/^Epoch [1-9]\d* of/).waitFor({ timeout: 30_000 });
      return page.evaluate(async () => {
        const times: number[] = [];
        for (let i = 0; i < 60; i++) times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
        return times.slice(1).map((time, i) => time - (times[i] ?? time));
      });
    });
    const sorted = frames.sort((a, b) => a - b);
    console.log(`frames while training: median ${sorted[30]} ms, longest ${sorted.at(-1)} ms`);
    // An epoch takes longer: on the page's own thread there would be no frame within one.
    expect(sorted[30]).toBeLessThan(60);
  });

  test("in the background, where no frames come, trains on, and shows it when it is back", async () => {
    const context = { serviceWorkers: "block" } as const;
    await open({ fragment: "tab=digits&epochs=3", context, init: holdFrames }, async (page) => {
      await page.route("**/later/worker-*.js", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `self.requestAnimationFrame = () => 0;${await response.text()}` });
      });
      await page.getByRole("button", { name: "Pause" }).waitFor();
      await page.evaluate(() => window.dispatchEvent(new Event("leave")));
      await page.waitForTimeout(6000);
      await page.evaluate(() => window.dispatchEvent(new Event("return")));
      await trained(page);
    });
  });

  test("where the policy refuses WebAssembly, the digits are learned in JavaScript", async () => {
    const headers = { "content-security-policy": "script-src 'self'" };
    await open(
      { fragment: "tab=digits&epochs=2&batchSize=64&inputs=clean", headers, expected: /WebAssembly|unsafe-eval/ },
      async (page) => {
        await trained(page);
        await page.getByText("TensorFlow.js computes on cpu.").waitFor();
        expect(await page.locator(".inside.run0 .pixel-map rect[data-value]").count()).toBe(64);
        expect((await historyOf(page, 1)).at(-1)?.[2]).toBeGreaterThan(0.6);
      },
    );
  });

  test("what cannot be loaded is told in words, and Start tries again", async () => {
    // The service worker would load it all the same.
    const context = { serviceWorkers: "block" } as const;
    await open({ fragment: "tab=code", context, expected: /ERR_FAILED|Failed to load/ }, async (page) => {
      await page.route("**/later/*.wasm", (route) => route.abort());
      await page.evaluate(() => location.replace("#tab=digits&epochs=1"));
      await page.getByRole("alert").getByText("Start tries again.").waitFor();
      await page.unroute("**/later/*.wasm");
      await train(page);
      expect(await page.getByRole("alert").count()).toBe(0);
    });
  });
});

/** In the page: no frames from the event "leave" to the event "return". */
function holdFrames(): void {
  const request = window.requestAnimationFrame.bind(window);
  const held: FrameRequestCallback[] = [];
  let away = false;
  window.requestAnimationFrame = (callback) => (away ? held.push(callback) : request(callback));
  window.addEventListener("leave", () => {
    away = true;
  });
  window.addEventListener("return", () => {
    away = false;
    for (const callback of held.splice(0)) request(callback);
  });
}

async function drawByFinger(page: Page): Promise<void> {
  const canvas = page.locator("#drawing");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error("the canvas is not shown");
  const scrolled = () => page.evaluate(() => scrollY);
  const before = await scrolled();
  const client = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", share = 0) =>
    client.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: box.x + box.width / 2, y: box.y + box.height * share }],
    });
  await touch("touchStart", 0.1);
  for (let share = 0.15; share < 0.9; share += 0.05) await touch("touchMove", share);
  await touch("touchEnd");
  expect(await scrolled()).toBe(before);
}
