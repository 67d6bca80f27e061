// What the programs of the tab Code construct: an optimizer of the package with its arguments, from settings of the page or
// from the list of the library.
import { type ScheduleName, scheduleOf } from "../schedules.js";
import { isOwnKind, KINDS, type OptionValue, OWN_CLASSES, type RunSettings } from "../settings.js";
import { kerasName, LIBRARY } from "./library.js";

export interface Argument {
  readonly key: string;
  readonly keras: string;
  readonly value: OptionValue;
}

export interface Program {
  /** In every library. */
  readonly className: string;
  readonly args: readonly Argument[];
  /** Takes the place of the learning rate. */
  readonly schedule: {
    readonly name: ScheduleName;
    readonly given: Readonly<Record<string, number | readonly number[]>>;
  } | null;
}

/** With the options that are not Keras' defaults. The learning rate always is among them: the page starts with another one. */
export function programOf(run: RunSettings): Program | null {
  const { kind } = run;
  const className = isOwnKind(kind) ? OWN_CLASSES[kind] : kind === "keras" ? OWN_CLASSES.rmsprop : null;
  if (className === null) return null;
  const args = KINDS[kind].options.flatMap(({ key, keras, initial }) => {
    const value = run.options[key] ?? null;
    return key !== "learningRate" && value === initial ? [] : [{ key, keras, value }];
  });
  return { className, args, schedule: scheduleOf(run) };
}

/** One of the library, with all options of its own. */
export function libraryProgram(className: string): Program | null {
  const defaults = Object.hasOwn(LIBRARY, className) ? LIBRARY[className] : undefined;
  if (!defaults) return null;
  const args = Object.entries(defaults).map(([key, value]) => ({ key, keras: kerasName(key), value }));
  return { className, args, schedule: null };
}
