// The file of the digits, as Node reads it.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Digits, parseDigits } from "./data.js";

/** All 1,797 digits of digits.csv.gz. */
export function loadDigits(): Digits {
  return parseDigits(gunzipSync(readFileSync(new URL("./digits.csv.gz", import.meta.url))).toString("ascii"));
}
