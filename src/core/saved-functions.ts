// Functions in what is saved: JSON holds their names only, and whoever loads it passes them along.
import { badValue } from "../check/errors.js";
import { warnOnce } from "../check/warn.js";

/** Says once of a function that only its name is saved. */
export function warnOfName(owner: string, argument: string, name: string): void {
  const remedy = "Pass it under that name in customObjects where it is loaded.";
  warnOnce(`${owner}: of ${argument}, a function, only the name ${JSON.stringify(name)} is saved. ${remedy}`);
}

/** The function of that name among those that were passed along, or an error. */
export function functionNamed(
  owner: string,
  argument: string,
  name: string,
  customObjects: Readonly<Record<string, unknown>>,
): (...values: never[]) => unknown {
  const found = Object.hasOwn(customObjects, name) ? customObjects[name] : undefined;
  if (typeof found === "function") return found as (...values: never[]) => unknown; // what it gives is checked
  const requirement = "be a function that is passed along, since only its name was saved";
  const remedy = 'Pass it under this name in customObjects, or to register() of "rmsprop/tfjs".';
  throw badValue({ owner, argument, requirement, received: name, remedy });
}
