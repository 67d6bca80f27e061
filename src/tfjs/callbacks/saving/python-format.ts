// tfjs/callbacks/saving/: the callback that saves models, and the names that it saves them under.
//
// Numbers in texts as Python writes them: "{epoch:02d}-{val_loss:.2f}", and messages.
import type { Argument } from "../../../check/argument.js";

/** A float as Python's `str` writes it: 1.0, 1e-05, nan. */
export function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) return namedFloat(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return paddedExponent(value.toExponential());
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** Fixed digits after the point, a half of them to the even one, as in Python. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return namedFloat(value);
  const exact = value.toFixed(Math.min(100, digits + 30));
  const end = exact.indexOf(".") + 1 + digits;
  const isTie = /^50*$/.test(exact.slice(end));
  const cut = exact.slice(0, digits === 0 ? end - 1 : end);
  const sign = Object.is(value, -0) ? "-" : "";
  return isTie && /[02468]$/.test(cut) ? cut : sign + value.toFixed(digits);
}

/** Whole numbers in a text, which Python writes without a point. */
export type Counts = Readonly<Record<string, number>>;

const FIELD = /\{\{|\}\}|\{(\w+)(?::([^{}]*))?\}|[{}]/g;
const SPEC = /^(0?)(\d*)(?:\.(\d+))?([dfFeE%]?)$/;

/** Fills `{name}` and `{name:spec}` with whole numbers and floats, as Python's `str.format` does. */
export function formatted(argument: Argument, text: string, counts: Counts, floats: Counts): string {
  return text.replace(FIELD, (field: string, name: string | undefined, spec = "") => {
    if (field === "{{" || field === "}}") return field.charAt(0);
    if (name === undefined) throw argument.badValue("close each { by a }", text, "For a brace itself write {{ or }}.");
    const isCount = Object.hasOwn(counts, name);
    const value = isCount ? counts[name] : floats[name];
    if (value === undefined || !(isCount || Object.hasOwn(floats, name))) {
      const known = [...Object.keys(counts), ...Object.keys(floats)].join(", ");
      throw argument.badValue(`name what is known when it saves; {${name}} is not`, text, `Known are ${known}.`);
    }
    const written = inSpec(value, spec, isCount);
    if (written !== null) return written;
    const remedy =
      "Known are d for whole numbers, f, e and % for others, with a width and digits: {epoch:02d}, {loss:.4f}.";
    throw argument.badValue(`have a known format in ${field}`, text, remedy);
  });
}

/** A number in a format of Python's; null for one that is not known here, or not for such a number. */
function inSpec(value: number, spec: string, isCount: boolean): string | null {
  const [matched, zero = "", width = "", precision, kind = ""] = SPEC.exec(spec) ?? [];
  if (matched === undefined || (kind === "" && precision !== undefined)) return null;
  if (kind === "d" && (!isCount || precision !== undefined)) return null;
  const digits = Number(precision ?? 6);
  if (digits > 70) return null;
  const text = WRITERS[kind]?.(value, digits) ?? (isCount ? String(value) : pythonNumber(value));
  const sign = text.startsWith("-") ? "-" : "";
  return zero
    ? sign + text.slice(sign.length).padStart(Number(width) - sign.length, "0")
    : text.padStart(Number(width));
}

const WRITERS: Readonly<Record<string, (value: number, digits: number) => string>> = {
  f: fixed,
  F: (value, digits) => fixed(value, digits).toUpperCase(),
  e: exponential,
  E: (value, digits) => exponential(value, digits).toUpperCase(),
  "%": (value, digits) => `${fixed(value * 100, digits)}%`,
};

function exponential(value: number, digits: number): string {
  return Number.isFinite(value) ? paddedExponent(value.toExponential(digits)) : namedFloat(value);
}

const namedFloat = (value: number): string => (Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");

/** Python's exponents have two digits at least. */
const paddedExponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");
