// Which variables weight decay leaves out.

import type { Argument, Arguments } from "../check/argument.js";
import { isErrorNamed, isRegExp } from "../check/built-ins.js";
import { pythonPattern } from "./python-pattern.js";

/** Which variables weight decay leaves out. */
export interface DecayExclusion<Variable extends object> {
  /** These variables themselves. */
  readonly variables?: readonly Variable[] | undefined;
  /**
   * Searched in each variable's name: `"bias"` finds `"dense_bias"`. Strings are regular expressions of Python, as in Keras; what
   * JavaScript cannot search in the same way is a RangeError.
   */
  readonly names?: readonly (string | RegExp)[] | undefined;
}

/** Says of a variable whether it decays. `isVariable` tells what a variable of the face is. */
export function excluder(
  argument: Arguments,
  exclusion: DecayExclusion<object>,
  isVariable: (value: unknown) => boolean,
): (name: string, key: object) => boolean {
  argument("exclusion").keys(exclusion, ["variables", "names"]);
  const { variables = [], names = [] } = exclusion;
  const left = argument("variables").items(variables, "Pass { variables: [variable] }.");
  const searched = argument("names").items(names, 'Pass { names: ["bias"] }.');
  for (const [i, received] of left.entries()) {
    if (isVariable(received)) continue;
    const remedy = "Pass the variables themselves, no proxies of them; names go into names.";
    throw argument("variables").at(i).badKind("be a variable", received, remedy);
  }
  const excluded = new Set(left);
  const alone = new Set(searched).size === 1;
  const patterns = searched.map((name, i) => patternOf(argument("names").at(i), name, alone));
  return (name, key) => !excluded.has(key) && !patterns.some((finds) => finds(name));
}

function patternOf(argument: Argument, name: string | RegExp, alone: boolean): (name: string) => boolean {
  // A global or sticky expression would remember where it stopped.
  if (isRegExp(name)) {
    const expression = new RegExp(name.source, name.flags.replace(/[gy]/g, ""));
    return (searched) => expression.test(searched);
  }
  if (typeof name !== "string") throw argument.badKind("be a string or a RegExp", name, 'Pass a name such as "bias".');
  try {
    return pythonPattern(name, alone);
  } catch (error) {
    if (!isErrorNamed("SyntaxError", error)) throw error;
    throw argument.badValue("be a regular expression of Python that JavaScript can search alike", name, error.message);
  }
}
