// Numbers on the command line: each parser gives the number, or an error that commander prints with the option's name.
import { InvalidArgumentError } from "commander";

/** Any number. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new InvalidArgumentError("It must be a number.");
  }
  return value;
}

/** A parser for whole numbers from `smallest` on. */
export function wholeFrom(smallest: number): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (!Number.isSafeInteger(value) || value < smallest) {
      throw new InvalidArgumentError(`It must be a whole number, ${smallest} or more.`);
    }
    return value;
  };
}

/** A share: a number from 0 to 1. */
export function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError("It must be a number from 0 to 1.");
  return value;
}
