// What was measured as words of the address, and back: whose machine it was is said, too.
import { type Bar, describe, type Measured } from "./contenders.js";

const MOST_CHARACTERS = 80;
/** More than can be measured at once. */
const MOST_BARS = 20;

export function speedWords(measured: Measured | null): [string, string][] {
  if (measured === null) return [];
  return [
    ["measured", measured.bars.map(({ word, nanoseconds }) => `${word}:${nanoseconds}`).join("~")],
    ["machine", measured.machine],
  ];
}

/** The measurements that these words say; `refuse` is called for what makes no sense. */
export function speedOf(words: URLSearchParams, refuse: (word: string, text: string) => void): Measured | null {
  const [text, machine] = [words.get("measured"), words.get("machine")];
  if (text === null) return null;
  const bars = text.split("~").map(barOf);
  const known = bars.filter((bar) => bar !== null);
  const isWhole = known.length === bars.length && bars.length <= MOST_BARS;
  const isOnce = new Set(known.map(({ word }) => word)).size === known.length;
  if (isWhole && isOnce && isName(machine)) return { machine, bars: known };
  refuse("measured", text);
  return null;
}

function barOf(text: string): Bar | null {
  const [word = "", digits = "", ...rest] = text.split(":");
  const nanoseconds = digits.trim() === "" ? Number.NaN : Number(digits);
  const isTime = nanoseconds > 0 && Number.isFinite(nanoseconds) && rest.length === 0;
  return isTime && describe(word) !== null ? { word, nanoseconds } : null;
}

function isName(machine: string | null): machine is string {
  return machine !== null && machine.trim() !== "" && machine.length <= MOST_CHARACTERS;
}
