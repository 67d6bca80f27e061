// What counts as waiting: time that was seen passing, without any progress.
import { beforeEach, expect, test, vi } from "vitest";
import { Patience } from "./patience.js";

/** Looks that are enough for one at the clock. */
const LOOKS = 5000;

let clock = 0;

beforeEach(() => {
  clock = 1e6;
  const spy = vi.spyOn(performance, "now").mockImplementation(() => clock);
  return () => spy.mockRestore();
});

/** Looks at others that have come so far, while time passes in small steps; returns whether they are given up. */
function looks(patience: Patience, ms: number, progress: (passed: number) => number): boolean {
  for (let passed = 0; passed < ms; passed += 10) {
    clock += 10;
    for (let i = 0; i < LOOKS; i++) if (patience.isOver(progress(passed))) return true;
  }
  return false;
}

const still = (): number => 3;

test("others that stand still for two seconds are given up, and not before", () => {
  const patience = new Patience();
  patience.begin();
  expect(looks(patience, 1900, still)).toBe(false);
  expect(looks(patience, 300, still)).toBe(true);
});

test("others that come on are waited for as long as it takes", () => {
  const patience = new Patience();
  patience.begin();
  expect(looks(patience, 60_000, (passed) => Math.floor(passed / 1500))).toBe(false);
});

test.each([2.25, 3600, 7 * 86_400])("a gap of %d seconds, in which nobody ran, is not waiting", (seconds) => {
  const patience = new Patience();
  patience.begin();
  expect(looks(patience, 1900, still)).toBe(false);
  clock += seconds * 1000;
  expect(looks(patience, 60, still)).toBe(false);
  expect(looks(patience, 300, still)).toBe(true);
});

test("many gaps in a row are not, either", () => {
  const patience = new Patience();
  patience.begin();
  for (let pause = 0; pause < 20; pause++) {
    clock += 3000;
    expect(looks(patience, 60, still)).toBe(false);
  }
});

test("looks alone are not: where a clock is coarse, they are many", () => {
  const patience = new Patience();
  patience.begin();
  let over = false;
  for (let i = 0; i < 1000 * LOOKS; i++) over ||= patience.isOver(3);
  expect(over).toBe(false);
});

test("each wait begins anew", () => {
  const patience = new Patience();
  for (let wait = 0; wait < 5; wait++) {
    patience.begin();
    expect(looks(patience, 1900, still)).toBe(false);
  }
});
