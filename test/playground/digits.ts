// What the tests of the tab Digits share: to train in the page, to read its tables, to draw.
import type { Page } from "playwright-core";

/** Waits for the end of the training, which begins by itself at the first visit of the tab. */
export async function trained(page: Page): Promise<void> {
  await page.getByText("Done. Raise Epochs to train longer.").waitFor({ timeout: 120_000 });
}

/** Presses Start and waits for the end. */
export async function train(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await trained(page);
}

/** The row of each epoch of a contestant, 1 or 2: training loss, held-out loss, accuracy, EMA loss, EMA accuracy. */
export async function historyOf(page: Page, contestant: number): Promise<(number | null)[][]> {
  if ((await page.locator("#history").count()) === 0) await page.getByText("All epochs as a table").click();
  await page.locator("#history").waitFor();
  return page.$$eval(
    `#history tr.run${contestant - 1}`,
    (rows) =>
      rows.map((row) =>
        [...row.querySelectorAll("td")].slice(1).map(({ dataset }) => {
          return dataset.value === undefined ? null : Number(dataset.value);
        }),
      ),
    undefined,
  );
}

/** The probabilities that the table has, by the titles of its columns. */
export async function probabilitiesOf(page: Page): Promise<Map<string, number[]>> {
  const columns = await page.$eval("#prediction", (table) => {
    const titles = [...table.querySelectorAll("thead th")].slice(1).map(({ textContent }) => textContent ?? "");
    const rows = [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")]);
    return titles.map((title, i) => [title, rows.map((cells) => Number(cells[i]?.dataset.value))] as const);
  });
  return new Map(columns);
}

/** Draws lines through points given in shares of the canvas. */
export async function draw(page: Page, points: readonly (readonly [x: number, y: number])[]): Promise<void> {
  const canvas = page.locator("#drawing");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error("the canvas is not shown");
  const [first, ...rest] = points.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
  if (!first) return;
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 8 });
  await page.mouse.up();
}

export interface File {
  readonly name: string;
  readonly buffer: Buffer;
}

/** The file that the button of the first contestant gives. */
export async function save(page: Page): Promise<File> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save checkpoint of 1" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return { name: download.suggestedFilename(), buffer: Buffer.concat(chunks) };
}
