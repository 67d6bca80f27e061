// JSON of a file of Keras, within its limits.
import { type Json, JsonError, parseJson } from "../check/json.js";
import { damaged, refused } from "./errors.js";
import { checkLimit, type ResolvedLimits } from "./limits.js";

/** The value of a text that is called `what`. Python writes NaN and Infinity. */
export function parseConfig(text: string, what: string, limits: ResolvedLimits): Json {
  const { depth, jsonValues } = limits;
  try {
    const budget = { depth, values: jsonValues, keys: Infinity, keyLength: Infinity };
    return parseJson(text, { ...budget, takesConstructor: false, isPython: true });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { problem, message } = error;
    if (problem === "depth") checkLimit(limits, "depth", depth + 1, `the nesting of ${what}`);
    if (problem === "budget") checkLimit(limits, "jsonValues", jsonValues + 1, `the number of values of ${what}`);
    throw problem === "key" ? refused(`${what} ${message}`) : damaged(`${what} is no JSON: it ${message}`);
  }
}
