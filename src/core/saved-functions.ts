// Functions in what is saved: JSON holds their names only, and whoever loads it passes them along.
import type { Argument } from "../check/argument.js";
import { warnOnce } from "../check/warn.js";

/** Says once of a function that only its name is saved. */
export function warnOfName(argument: Argument, name: string): void {
  const remedy = "Pass it under that name in customObjects where it is loaded.";
  warnOnce(
    `${argument.owner}: of ${argument.name}, a function, only the name ${JSON.stringify(name)} is saved. ${remedy}`,
  );
}

/** The function of that name among those that were passed along, or an error. */
export function functionNamed(
  argument: Argument,
  name: string,
  customObjects: Readonly<Record<string, unknown>>,
): (...values: never[]) => unknown {
  const found = Object.hasOwn(customObjects, name) ? customObjects[name] : undefined;
  if (typeof found === "function") return found as (...values: never[]) => unknown; // what it gives is checked
  const remedy = 'Pass it under this name in customObjects, or to register() of "rmsprop/tfjs".';
  throw argument.badValue("be a function that is passed along, since only its name was saved", name, remedy);
}
