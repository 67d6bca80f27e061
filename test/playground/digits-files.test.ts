// Files in the tab Digits: a run that is saved goes on in every bit, files of Keras are told as the command line tells
// them, and what is wrong with a file is told in words.
import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { COLUMNS, cellsOf, factsOf } from "../../src/inspect/print.js";
import { reportOf } from "../../src/inspect/report.js";
import { type File, historyOf, save, train, trained } from "./digits.js";
import { usePage } from "./page.js";

const open = usePage();
const FIXTURES = "test/keras-files/fixtures";
const RUNS = [
  "rmsprop~learningRate:0.001~useEma:true",
  "rmsprop~learningRate:0.002~momentum:0.9~centered:true~useEma:true~gradientAccumulationSteps:4",
  "rmsprop~learningRate:0.01~schedule:CosineDecay~decaySteps:200~weightDecay:0.01~emaOverwriteFrequency:7~useEma:true",
];

const give = (page: Page, { name, buffer }: File): Promise<void> =>
  page.locator("#file").setInputFiles({ name, buffer, mimeType: "application/octet-stream" });

/** A checkpoint of two epochs of the first contestant, and the epochs that it has had then. */
function checkpoint(words: string): Promise<{ file: File; rows: (number | null)[][] }> {
  return open({ fragment: `tab=digits&batchSize=64&epochs=2&seed=3&${words}` }, async (page) => {
    await trained(page);
    return { file: await save(page), rows: await historyOf(page, 1) };
  });
}

/** Metadata of a checkpoint with a text replaced by one of the same length. */
function tampered(buffer: Buffer, text: string, by: string): Buffer {
  const changed = buffer.toString("latin1").replace(text, by);
  expect([changed.length, changed === buffer.toString("latin1")]).toEqual([buffer.length, false]);
  return Buffer.from(changed, "latin1");
}

describe("a checkpoint", () => {
  test.each(RUNS)("of %s goes on where it was, in every bit, and brings its settings", async (word) => {
    const whole = await open({ fragment: `tab=digits&batchSize=64&epochs=4&seed=3&one=${word}` }, async (page) => {
      await trained(page);
      return historyOf(page, 1);
    });
    const { file, rows } = await checkpoint(`one=${word}`);
    expect(file.name).toBe("digits-1-epoch-2.safetensors");
    await open({ fragment: "tab=digits&epochs=4" }, async (page) => {
      await trained(page);
      await give(page, file);
      await page.getByRole("button", { name: "Resume it as 2" }).click();
      await page.getByText("Contestant 2 resumes after epoch 2.").waitFor();
      expect(await historyOf(page, 2)).toEqual(rows);
      await page.waitForURL(/batchSize=64&seed=3/);
      await train(page);
      expect(await historyOf(page, 2)).toEqual(whole);
      expect(await historyOf(page, 1)).toHaveLength(5);
    });
    expect(whole.slice(0, 3)).toEqual(rows);
  });

  test("is saved at the end of an epoch while training goes on", async () => {
    const file = await open({ fragment: "tab=digits&epochs=300" }, async (page) => {
      await page.getByText(/^Epoch [1-9]\d* of/).waitFor({ timeout: 30_000 });
      return save(page);
    });
    const { iteration, metadata } = await reportOf(file.name, file.buffer);
    const epoch = Number(/epoch-(\d+)/.exec(file.name)?.[1]);
    expect(iteration).toBe(epoch * Math.ceil(1437 / 16));
    expect(JSON.parse(metadata["digits.scores"] ?? "")).toHaveLength(epoch + 1);
  });
});

describe("a file of Keras", () => {
  test.each(["tensorflow-everything.keras", "tensorflow-nested.weights.h5", "tensorflow-adafactor.keras"])(
    "%s is told as the command line tells it",
    async (name) => {
      const buffer = readFileSync(`${FIXTURES}/${name}`);
      const report = await reportOf(name, buffer);
      await open({ fragment: "tab=digits" }, async (page) => {
        await give(page, { name, buffer });
        await page.locator("#report table").waitFor();
        const texts = (selector: string) =>
          page.$$eval(`#report ${selector}`, (found) => found.map(({ textContent }) => textContent));
        expect(await texts("dt")).toEqual(factsOf(report).map(([fact]) => fact));
        // The longest are folded.
        const told = await page.$$eval("#report dd", (found) =>
          found.map((dd) => (dd.querySelector("pre") ?? dd).textContent),
        );
        expect(told).toEqual(factsOf(report).map(([, value]) => String(value)));
        expect(await texts("thead th")).toEqual(COLUMNS);
        expect(await texts("tbody tr > *")).toEqual(report.arrays.flatMap(cellsOf));
      });
    },
  );
});

const HOSTILE = readdirSync(FIXTURES).filter((name) => name.startsWith("h5py-") && name.endsWith(".h5"));

describe("what is no such file", () => {
  test("is told in words, one after the other, and then a good one is read", async () => {
    const { file } = await checkpoint("one=rmsprop~learningRate:0.001");
    const cases: readonly (readonly [File, RegExp])[] = [
      [{ name: "empty.keras", buffer: Buffer.alloc(0) }, /empty\.keras.+neither a checkpoint nor/],
      [{ name: "photo.keras", buffer: Buffer.from("JFIF, or so it says") }, /neither a checkpoint nor/],
      [{ name: "cut.safetensors", buffer: file.buffer.subarray(0, 9000) }, /cut\.safetensors/],
      [
        { name: "cut.keras", buffer: readFileSync(`${FIXTURES}/tensorflow-plain.keras`).subarray(0, 5000) },
        /cut\.keras.+readKeras/,
      ],
      [{ name: "‮gnp.<img src=x onerror=alert(1)>", buffer: Buffer.from("x".repeat(64)) }, /neither a checkpoint nor/],
      [
        { name: "settings.safetensors", buffer: tampered(file.buffer, "rmsprop~learningRate", "rmsprop~learningFate") },
        /settings cannot be read: "learningFate" cannot be/,
      ],
      [
        { name: "seed.safetensors", buffer: tampered(file.buffer, '"3 64 stuck"', '"x 64 stuck"') },
        /seed, batch size or kind/,
      ],
      [{ name: "images.safetensors", buffer: tampered(file.buffer, '"3 64 stuck"', '"3 64 stick"') }, /kind of images/],
      [{ name: "scores.safetensors", buffer: tampered(file.buffer, '"[[0,', '"[{0,') }, /scores cannot be read/],
    ];
    await open({ fragment: "tab=digits" }, async (page) => {
      for (const [bad, problem] of cases) {
        await give(page, bad);
        await page.getByRole("alert").getByText(problem).waitFor();
      }
      await give(page, file);
      await page.locator("#report table").waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
    });
  });

  test("does not disturb the training", async () => {
    await open({ fragment: "tab=digits&epochs=400" }, async (page) => {
      await page.getByText(/^Epoch \d+ of/).waitFor({ timeout: 30_000 });
      await page.locator("#file").setInputFiles(`${FIXTURES}/h5py-shape-bomb.weights.h5`);
      await page.getByRole("alert").waitFor();
      const before = await page.locator("#epochs").textContent();
      await page.waitForFunction((text) => document.querySelector("#epochs")?.textContent !== text, before);
    });
  });

  test.each(HOSTILE)("%s is told, or refused, as the command line does it", async (name) => {
    const buffer = readFileSync(`${FIXTURES}/${name}`);
    const problem = await reportOf(name, buffer).then(
      () => null,
      (error: Error) => error.message,
    );
    await open({ fragment: "tab=digits" }, async (page) => {
      await give(page, { name, buffer });
      if (problem === null) await page.locator("#report table").waitFor();
      else expect(await page.getByRole("alert").textContent()).toBe(problem);
    });
  });

  test("a checkpoint whose settings are not those of its slots takes the place of no run", async () => {
    const { file } = await checkpoint("one=rmsprop~momentum:0.5");
    const liar = { name: "liar.safetensors", buffer: tampered(file.buffer, "momentum:0.5", "momentum:0.0") };
    await open({ fragment: "tab=digits&epochs=1" }, async (page) => {
      await trained(page);
      const before = await historyOf(page, 1);
      await give(page, liar);
      await page.getByRole("button", { name: "Resume it as 1" }).click();
      await page.getByRole("alert").getByText("nothing was restored").waitFor();
      expect(await historyOf(page, 1)).toEqual(before);
    });
  });

  test.each(["digits", "explain", "code"])(
    "a file that is dropped on the tab %s is read, not opened, and its message is in sight",
    async (tab) => {
      await open({ fragment: `tab=${tab}` }, async (page) => {
        await dropOn(page, "dropped.keras", readFileSync(`${FIXTURES}/tensorflow-plain.keras`));
        await page.getByText("dropped.keras, 19,642 bytes").waitFor();
        await dropOn(page, "photo.keras", Buffer.from("JFIF, or so it says"));
        const alert = page.getByRole("alert").getByText("neither a checkpoint nor");
        await alert.waitFor();
        const [box, height] = [await alert.boundingBox(), page.viewportSize()?.height ?? 0];
        expect(box?.y).toBeGreaterThanOrEqual(0);
        expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
        expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Inspect a file");
      });
    },
  );

  test.each(["tensorflow-adam.keras", "tensorflow-adafactor.keras"])("the facts of %s fit a screen", async (name) => {
    await open({ fragment: "tab=digits" }, async (page) => {
      await give(page, { name, buffer: readFileSync(`${FIXTURES}/${name}`) });
      await page.locator("#report dl").waitFor();
      expect((await page.locator("#report dl").boundingBox())?.height).toBeLessThan(320);
      await page.locator("#report summary").first().click();
      await page.locator("#report pre").first().getByText(/name/).waitFor();
    });
  });
});

/** Drops a file as a visitor would. */
async function dropOn(page: Page, name: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    ([file, numbers]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new window.File([Uint8Array.from(numbers)], file));
      for (const type of ["dragover", "drop"]) {
        const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
        if (document.body.dispatchEvent(event)) throw new Error("the browser would open the file");
      }
    },
    [name, [...bytes]] as const,
  );
}
