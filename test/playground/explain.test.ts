// The first screen: drawn whole at every change, with core's numbers, by mouse, finger, keys and link.
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { SGD_RATE } from "../../playground/src/explain/runs.js";
import { EXPLAIN_INITIAL } from "../../playground/src/explain/state.js";
import { pathsWith } from "../../playground/src/explain/story/in-node.js";
import { numbersOf } from "../../playground/src/explain/story/numbers.js";
import { coreNumbers, drawn, picture, shownNumbers, startOf } from "./explain-page.js";
import { seriousIssues, usePage } from "./page.js";

const open = usePage();
const SHOTS = "out/playground";
beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

const stepOf = async (page: Page): Promise<number> => Number(await page.locator("#step").textContent());
const wholePath = (page: Page): Promise<string | null> => page.locator(".rmsprop.whole").getAttribute("d");
const start = (page: Page) => page.getByRole("slider", { name: "Start" });

describe("the first screen", () => {
  test("opens with both paths whole, and with its title and icon", async () => {
    await open({}, async (page) => {
      await drawn(page);
      await page.getByRole("heading", { name: "RMSprop gives every weight its own step size." }).waitFor();
      expect((await wholePath(page))?.split("L")).toHaveLength(401);
      await page.getByText("The gradients differ by a factor of 50; the steps are equal.").waitFor();
      expect(await page.title()).toBe("RMSprop, explained - rmsprop");
      await page.getByRole("tab", { name: "Speed" }).click();
      await expect.poll(() => page.title()).toBe("Speed - rmsprop");
      const icon = await page.locator('link[rel="icon"]').getAttribute("href");
      expect(await page.evaluate(async (icon) => (await fetch(icon ?? "")).status, icon)).toBe(200);
    });
  });

  test.each([
    [1, "", {}],
    [134, "", {}],
    [400, "&momentum=0.8&rho=0.5", { momentum: 0.8, rho: 0.5 }],
  ] as const)("step %i has the numbers of core in Node, in every bit%s", async (step, words, changed) => {
    await open({ fragment: `step=${step}${words}&tab=explain` }, async (page) => {
      await drawn(page);
      expect(await shownNumbers(page)).toEqual(coreNumbers(step, changed));
    });
  });

  test("a slider draws the whole picture anew while it is moved, and is in the address", async () => {
    await open({ fragment: "step=60" }, async (page) => {
      await drawn(page);
      const before = await wholePath(page);
      await page.locator(".sliders").getByLabel("learning_rate").focus();
      for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowRight");
      await page.waitForURL(/learning_rate=0\.1(&|$)/);
      await expect.poll(() => shownNumbers(page)).toEqual(coreNumbers(60, { learningRate: 0.1 }));
      expect(await wholePath(page)).not.toBe(before);
      expect(await stepOf(page)).toBe(60);
    });
  });

  test("the start is dragged by mouse, and moved by arrow keys, which say where it is", async () => {
    await open({ fragment: "step=5" }, async (page) => {
      await drawn(page);
      const from = await startOf(page);
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(from.x + 200, from.y + 60, { steps: 8 });
      await page.mouse.up();
      const to = await startOf(page);
      expect(Math.abs(to.x - from.x - 200) + Math.abs(to.y - from.y - 60)).toBeLessThan(4);
      await start(page).focus();
      await page.keyboard.press("Shift+ArrowRight");
      await page.keyboard.press("ArrowDown");
      const said = (await start(page).getAttribute("aria-valuetext")) ?? "";
      const [x, y] = [...said.replaceAll("−", "-").matchAll(/-?[\d.]+/g)].map(Number);
      expect(said).toMatch(/^x .+, y .+, loss .+$/);
      await expect.poll(() => shownNumbers(page)).toEqual(coreNumbers(5, { start: { x: x ?? 0, y: y ?? 0 } }));
      await page.waitForURL((url) => url.hash.includes(`start=${x}%2C${y}`));
    });
  });

  test("the start is dragged by a finger, and a tap on the map puts it there", async () => {
    const context = { viewport: { width: 390, height: 844 }, hasTouch: true };
    await open({ context }, async (page) => {
      await drawn(page);
      const from = await startOf(page);
      const finger = await page.context().newCDPSession(page);
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", by: number) =>
        finger.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: type === "touchEnd" ? [] : [{ x: from.x + by, y: from.y + by / 2 }],
        });
      await touch("touchStart", 0);
      for (const by of [10, 30, 60]) await touch("touchMove", by);
      await touch("touchEnd", 60);
      await expect.poll(async () => Math.abs((await startOf(page)).x - from.x - 60)).toBeLessThan(1);
      await page.touchscreen.tap(from.x + 150, from.y + 20);
      await expect.poll(async () => Math.abs((await startOf(page)).x - from.x - 150)).toBeLessThan(2);
    });
  });

  test("the time line is scrubbed by mouse and keys, and the acts lead to their first steps", async () => {
    await open({}, async (page) => {
      await drawn(page);
      const box = await page.locator(".losses").boundingBox();
      if (!box) throw new Error("there is no time line");
      await page.mouse.move(box.x + 60, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y + 40, { steps: 5 });
      await page.mouse.up();
      const middle = await stepOf(page);
      expect(Math.abs(middle - 200)).toBeLessThan(15);
      await page.getByRole("slider", { name: "Step", exact: true }).focus();
      await page.keyboard.press("ArrowRight");
      expect(await stepOf(page)).toBe(middle + 1);
      await page.getByRole("button", { name: "v forgets: a kick" }).click();
      expect(Math.abs((await stepOf(page)) - 130)).toBeLessThan(5);
      const said = await page.getByRole("slider", { name: "Step", exact: true }).getAttribute("aria-valuetext");
      expect(said).toMatch(/^Step 1[23]\d of 400: v forgets: a kick\. Loss: RMSprop [\d.e−]+, SGD [\d.e−]+$/);
    });
  });

  test("Play only moves the mark, and rests at the last step", async () => {
    await open({ fragment: "step=340" }, async (page) => {
      await drawn(page);
      const before = await wholePath(page);
      const curve = await page.locator(".loss.rmsprop").getAttribute("d");
      await page.getByRole("button", { name: "Play" }).click();
      await page.getByRole("button", { name: "Pause" }).waitFor();
      await expect.poll(() => stepOf(page), { timeout: 30_000 }).toBe(400);
      await page.getByRole("button", { name: "Play" }).waitFor();
      expect([await wholePath(page), await page.locator(".loss.rmsprop").getAttribute("d")]).toEqual([before, curve]);
    });
  });

  test("with a schedule it comes to rest", async () => {
    await open({ fragment: "step=400" }, async (page) => {
      await drawn(page);
      await page.getByText("times lower by now").waitFor();
      await page.getByRole("button", { name: "Add a schedule" }).click();
      await page.getByRole("button", { name: "The schedule brings it to rest" }).waitFor();
      await expect.poll(() => shownNumbers(page)).toEqual(coreNumbers(400, { scheduled: true }));
      await page.getByRole("button", { name: "Remove schedule" }).click();
      await page.getByRole("button", { name: "Half a learning rate to and fro, for ever" }).waitFor();
    });
  });

  test("a link shows the picture that it was copied from, and leaving the tab loses nothing", async () => {
    const fragment = "tab=explain&start=3.5%2C-1.2&rho=0.968&momentum=0.5&schedule=CosineDecay&step=77";
    const seen = await open({}, async (page) => {
      await drawn(page);
      await page.evaluate((fragment) => {
        location.hash = fragment;
      }, fragment);
      await expect
        .poll(() => shownNumbers(page))
        .toEqual(coreNumbers(77, { start: { x: 3.5, y: -1.2 }, rho: 0.968, momentum: 0.5, scheduled: true }));
      const whole = await picture(page);
      await page.getByRole("tab", { name: "Code" }).click();
      await page.getByRole("tab", { name: "Explain" }).click();
      await drawn(page);
      expect(await picture(page)).toBe(whole);
      return { whole, hash: new URL(page.url()).hash.slice(1) };
    });
    expect(seen.hash).toBe(fragment);
    await open({ fragment: seen.hash }, async (page) => {
      await drawn(page);
      expect(await picture(page)).toBe(seen.whole);
    });
  });

  test("Reset brings the page back as it opened", async () => {
    await open({}, async (page) => {
      await drawn(page);
      expect(await page.getByRole("button", { name: "Reset" }).isDisabled()).toBe(true);
      const before = await picture(page);
      await page.locator(".sliders").getByLabel("epsilon").fill("20");
      await page.getByRole("slider", { name: "Step", exact: true }).fill("40");
      await page.getByText("ε is larger than v").waitFor();
      await page.getByRole("button", { name: "Reset" }).click();
      await expect.poll(() => picture(page)).toBe(before);
      await expect.poll(() => new URL(page.url()).hash).toBe("#tab=explain");
    });
  });

  test("with less motion asked for nothing is missing, nothing moves by itself, and Play moves in strides", async () => {
    const usual = await open({ fragment: "step=100" }, async (page) => {
      await drawn(page);
      return picture(page);
    });
    await open({ fragment: "step=100", context: { reducedMotion: "reduce" } }, async (page) => {
      await drawn(page);
      expect(await picture(page)).toBe(usual);
      await page.getByRole("button", { name: "Play" }).click();
      await page.getByRole("button", { name: "Pause" }).click();
      expect((await stepOf(page)) % 20).toBe(0);
    });
  });

  test("where its worker cannot start, the page says so", async () => {
    const init = () => {
      Object.assign(window, {
        Worker: class extends EventTarget {
          onerror: ((event: object) => void) | null = null;
          postMessage() {
            this.onerror?.({ message: "" });
          }
          terminate() {}
        },
      });
    };
    await open({ init }, async (page) => {
      await page.getByRole("alert").getByText("its script could not be loaded").waitFor();
    });
  });
});

describe("its looks", () => {
  test.each([
    ["1440", 1440, 900, "light", "step=1"],
    ["1280", 1280, 720, "light", "step=320"],
    ["820", 820, 1180, "dark", "step=30"],
    ["390", 390, 844, "light", "step=134"],
    ["320", 320, 640, "dark", "step=320&schedule=CosineDecay"],
  ] as const)(
    "%s pixels wide nothing scrolls sideways, and axe finds nothing serious",
    async (name, width, height, colorScheme, fragment) => {
      await open({ fragment, context: { viewport: { width, height }, colorScheme } }, async (page) => {
        await drawn(page);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(beyond).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `${SHOTS}/explain-${name}-${colorScheme}.png`, fullPage: true });
        expect(await seriousIssues(page)).toEqual([]);
        await page.emulateMedia({ colorScheme: colorScheme === "light" ? "dark" : "light" });
        expect(await seriousIssues(page)).toEqual([]);
      });
    },
  );

  test("on a laptop the whole of it is seen without scrolling", async () => {
    await open({ context: { viewport: { width: 1280, height: 720 } } }, async (page) => {
      await drawn(page);
      const box = await page.getByRole("slider", { name: "Step", exact: true }).boundingBox();
      expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThanOrEqual(720);
    });
  });
});

describe("on a phone", () => {
  /** Whether each of these is in the window, and not below the map. */
  const seen = (page: Page): Promise<Record<string, boolean>> =>
    page.evaluate(() => {
      const boxOf = (selector: string) => document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
      const map = boxOf(".ravine");
      const parts = ["h1", ".ravine", ".playing .play", ".sliders", ".in-numbers .sentence", ".in-numbers table"];
      return Object.fromEntries(
        parts.map((part) => {
          const { top, bottom, height } = boxOf(part);
          const isFree = part === ".ravine" || bottom <= map.top || top >= map.bottom;
          return [part, height > 0 && top >= 0 && bottom <= innerHeight && isFree];
        }),
      );
    });

  test("headline, map, Play, sliders, sentence and numbers are seen at once", async () => {
    await open({ context: { viewport: { width: 390, height: 844 }, hasTouch: true } }, async (page) => {
      await drawn(page);
      expect(Object.entries(await seen(page)).filter(([, isSeen]) => !isSeen)).toEqual([]);
    });
  });

  test.each([
    [390, 664],
    [320, 640],
  ])("of %i by %i, map, sentence and numbers are seen while a slider is dragged", async (width, height) => {
    await open({ fragment: "step=100", context: { viewport: { width, height }, hasTouch: true } }, async (page) => {
      await drawn(page);
      await page.evaluate(() => {
        document.querySelector(".in-numbers")?.scrollIntoView({ block: "end" });
      });
      const { h1, ...others } = await seen(page);
      expect([h1, others]).toEqual([false, Object.fromEntries(Object.keys(others).map((part) => [part, true]))]);
    });
  });

  test.each([
    [390, 844],
    [320, 640],
    [1280, 720],
  ])("and in any window, as %i by %i, nothing moves while the steps go by", async (width, height) => {
    await open({ context: { viewport: { width, height } } }, async (page) => {
      await drawn(page);
      const places: unknown[] = [];
      for (const step of [1, 30, 100, 120, 131, 134, 200, 320, 400]) {
        await page.getByRole("slider", { name: "Step", exact: true }).fill(String(step));
        await expect.poll(() => stepOf(page)).toBe(step);
        places.push(
          await page
            .locator(
              ".ravine, .sliders > div, .in-numbers table, .in-numbers thead th, .rates, .time, .losses .legend, .losses dl > *",
            )
            .evaluateAll((found) =>
              found.map((one) => {
                const { left, top } = one.getBoundingClientRect();
                return [one.className, Math.round(left + scrollX), Math.round(top + scrollY)];
              }),
            ),
        );
      }
      for (const place of places) expect(place).toEqual(places[0]);
    });
  });
});

describe("its map and bars", () => {
  test("the map has contour lines, axes with titles, and names: the minimum's and those of both paths", async () => {
    await open({}, async (page) => {
      await drawn(page);
      expect(await page.locator(".ravine .ground path").count()).toBe(10);
      const texts = await page.locator(".ravine text").allTextContents();
      expect(texts).toEqual(
        expect.arrayContaining(["−4", "4", "−2", "2", "x: flat, gradient 0.1·x", "y: steep, gradient 10·y"]),
      );
      expect(texts).toEqual(expect.arrayContaining(["minimum", "SGD", "RMSprop"]));
    });
  });

  test("the mouse reads the loss under it", async () => {
    await open({}, async (page) => {
      await drawn(page);
      const { width = 0, height = 0 } = (await page.locator(".ravine").boundingBox()) ?? {};
      await page.locator(".ravine").hover({ position: { x: 0.75 * width, y: 0.25 * height } });
      const said = (await page.locator(".map-reading").textContent()) ?? "";
      const [x = 0, y = 0, loss = 0] = [...said.matchAll(/[\d.]+/g)].map(Number);
      expect(Math.abs(x - 2.5) + Math.abs(y - 1.25)).toBeLessThan(0.1);
      expect(loss).toBeCloseTo(0.05 * x ** 2 + 5 * y ** 2, 1);
      await page.mouse.move(0, 0);
      await page.locator(".map-reading").waitFor({ state: "detached" });
    });
  });

  test("the bars end where the axis below them has their rates", async () => {
    await open({ fragment: "step=60" }, async (page) => {
      await drawn(page);
      const ticks = await page.locator(".scale-axis div span").evaluateAll((found) =>
        found.map((one) => {
          const { left, width } = one.getBoundingClientRect();
          return { rate: Number(one.textContent), middle: left + width / 2 };
        }),
      );
      expect(ticks.map(({ rate }) => rate)).toEqual([0.001, 0.1, 10]);
      await page.getByText("rate, logarithmic").waitFor();
      const [first, , last] = ticks;
      if (!first || !last) throw new Error("the axis has no numbers");
      const perTen = (last.middle - first.middle) / 4;
      const rates = numbersOf(pathsWith({}).paths.rmsprop, EXPLAIN_INITIAL, 60).effective;
      for (const [name, rate] of [
        ["x", rates.x],
        ["y", rates.y],
        ["sgd", SGD_RATE],
      ] as const) {
        const box = await page.locator(`.rates .${name} .filled`).boundingBox();
        const end = (box?.x ?? 0) + (box?.width ?? 0);
        expect(Math.abs(end - (first.middle + perTen * Math.log10(rate / first.rate)))).toBeLessThan(1.5);
      }
    });
  });

  test("Play is the second stop of Tab after the header, after the start", async () => {
    await open({}, async (page) => {
      await drawn(page);
      await page.getByRole("link", { name: "Package" }).focus();
      const stops: string[] = [];
      for (let i = 0; i < 5; i++) {
        await page.keyboard.press("Tab");
        stops.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || ""));
      }
      // Reset is disabled until something is changed.
      expect(stops).toEqual(["drag me", "Play", "Add a schedule", "slider-learningRate", "slider-rho"]);
    });
  });
});

const DRAGS = 50;

test("prints what it takes: time to the first drawing, and from a slider's change to the new picture", async () => {
  const figures = await open({}, async (page) => {
    await drawn(page);
    const first = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    const waits = await page.evaluate(async (drags) => {
      const slider = document.querySelector<HTMLInputElement>("#slider-learningRate");
      const path = document.querySelector(".ravine .rmsprop.whole");
      if (!slider || !path) throw new Error("the page is not drawn");
      const waits: number[] = [];
      for (let place = 5; place < 5 + drags; place++) {
        const began = performance.now();
        const changed = new Promise<void>((resolve) => {
          const seen = new MutationObserver(() => {
            seen.disconnect();
            // The task after the next frame: the new picture is painted.
            requestAnimationFrame(() => setTimeout(resolve));
          });
          seen.observe(path, { attributes: true });
        });
        slider.value = String(place);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await changed;
        waits.push(performance.now() - began);
      }
      return waits.sort((a, b) => a - b);
    }, DRAGS);
    return { first, waits };
  });
  const [median, longest] = [figures.waits[DRAGS / 2], figures.waits.at(-1)];
  console.log(`first drawing ${figures.first} ms; a slider's change: median ${median} ms, longest ${longest} ms`);
  expect(figures.waits).toHaveLength(DRAGS);
});
