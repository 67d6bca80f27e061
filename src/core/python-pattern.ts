// Regular expressions of Python's `re`, in which Keras takes the names of variables, as expressions of JavaScript that find the
// same. A token is translated where it has exactly that meaning, and refused where it has none: whoever needs more has RegExp.

// A class holds one character at least, which may be ].
const CLASS = String.raw`\[(?:\^(?:\\[^]|[^\\])|\\[^]|[^\\^])(?:\\[^]|[^\]\\])*\]`;
const ESCAPE = String.raw`\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^])`;
const TOKEN = new RegExp(
  [
    String.raw`\(\?P<(?<name>[\p{ID_Start}_]\p{ID_Continue}*)>`,
    String.raw`(?<scope>\(\?(?<on>[ims]*)(?:-(?<off>[ims]+))?:)`,
    // JavaScript has look-behinds of any length, Python those of one: so these are of plain characters.
    String.raw`(?<look>\(\?[=!]|\(\?<[=!](?=(?:${CLASS}|\\[^]|[^\\()[|*+?{])*\)))`,
    // Comments and other groups, possessive parts, and counts that Python refuses.
    String.raw`(?<odd>\(\?(?:P?.)?|(?:[*+?]|\{(?!\})\d*,?\d*\})\+|\{[\d,]*\d{10}[\d,]*\})`,
    String.raw`\{(?!\})(?<least>\d*)(?<most>,\d*)?\}`,
    `(?<set>${CLASS})`,
    String.raw`(?<character>\\(?:0[0-7]{0,2}|[1-3][0-7]{2})|${ESCAPE})`,
    "[^]",
  ].join("|"),
  "gu",
);
const MEMBER = new RegExp(String.raw`(\\[0-3]?[0-7]{1,2}|${ESCAPE}|[^])(?:-(\\[0-3]?[0-7]{1,2}|${ESCAPE}|[^]))?`, "gu");

/**
 * `pattern` as a RegExp. `alone` says that there are no others: Keras joins them with `|`, where flags at the start of one become
 * flags of all, or an error, by their order in a set.
 *
 * @throws SyntaxError that says in a sentence what of it cannot be searched here
 */
export function pythonPattern(pattern: string, alone: boolean): RegExp {
  const [start = ""] = /^(?:\(\?[aimsu]+\))*/.exec(pattern) ?? [];
  const flags = start.replace(/\W/g, "");
  const isTwice = /\(\?P<([^>]*)>.*\(\?P<\1>/s.test(pattern);
  if (isTwice || (flags !== "" && !alone) || (flags.includes("a") && flags.includes("u"))) throw refused(pattern);
  const scopes = [flags];
  let source = "";
  for (const { 0: token, groups = {} } of pattern.slice(start.length).matchAll(TOKEN)) {
    const own = scopes.at(-1) ?? flags;
    if (token.startsWith("(")) scopes.push(scoped(own, token, groups.on, groups.off));
    if (token === ")" && scopes.length > 1) scopes.pop();
    source += sourceOf(token, groups, own);
  }
  // The place where it is found goes on by whole characters: a search may look at the halves of one, too.
  const search = `^[^]*?(?:${source})`;
  try {
    return new RegExp(search, "u");
  } catch {
    throw new SyntaxError("Escape characters such as ( with a backslash, or pass a RegExp.");
  }
}

type Groups = Readonly<Record<string, string | undefined>>;

const refused = (token: string): SyntaxError =>
  new SyntaxError(`${JSON.stringify(token)} cannot be searched here as Python does: pass a RegExp.`);

/** Flags, one letter each, inside a group that may turn some on and off. */
function scoped(flags: string, token: string, on = "", off = ""): string {
  if ([...off].some((flag) => on.includes(flag))) throw refused(token);
  return [...flags, ...on].filter((flag) => !off.includes(flag)).join("");
}

function sourceOf(
  token: string,
  { name, scope, look, odd, least, most = "", set, character }: Groups,
  flags: string,
): string {
  if (odd !== undefined || token === "[" || token === "\\") throw refused(token);
  if (name !== undefined || scope !== undefined) return "(?:";
  if (least !== undefined) return `{${least || 0}${most}}`;
  if (set !== undefined) return classSource(set, flags);
  if (character !== undefined) return escapeSource(character, flags);
  if (look !== undefined || "()|*+?".includes(token)) return token;
  if (token === ".") return flags.includes("s") ? "[^]" : "[^\\n]";
  if (token === "^") return flags.includes("m") ? "(?<![^\\n])" : "^";
  if (token === "$") return flags.includes("m") ? "(?![^\\n])" : "(?=\\n?$)";
  return `[${folded(codeOf(token), flags)}]`;
}

function escapeSource(token: string, flags: string): string {
  if (token === "\\A") return "^";
  if (token === "\\Z") return "$";
  const word = oneOf("", ["w"], flags);
  // Python has these without ASCII's limits. Inside a look-ahead they cannot be repeated, which Python refuses.
  if (token === "\\b") return `(?=(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
  if (token === "\\B") return `(?=(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
  if (/^\\[1-9]$/.test(token)) throw refused(token); // a group's text: it may not have been found yet
  const meant = meaningOf(token);
  return typeof meant === "string" ? oneOf("", [meant], flags) : `[${folded(meant, flags)}]`;
}

function classSource(token: string, flags: string): string {
  const isNegated = token[1] === "^";
  const kinds: string[] = [];
  let inside = "";
  for (const [range, from = "", to] of token.slice(isNegated ? 2 : 1, -1).matchAll(MEMBER)) {
    const [low, high] = [meaningOf(from), meaningOf(to ?? from)];
    if (typeof low === "number" && typeof high === "number" && low <= high) inside += rangeSource(low, high, flags);
    else if (typeof low === "string" && to === undefined) kinds.push(low);
    else throw refused(range);
  }
  const source = oneOf(inside, kinds, flags);
  return isNegated ? `(?:(?!${source})[^])` : source;
}

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;
const escaped = (code: number): string => `\\u{${code.toString(16)}}`;

/** The code of a character or an escape, or the letter of a kind of characters such as \d. */
function meaningOf(token: string): number | string {
  if (!token.startsWith("\\")) return codeOf(token);
  const [letter = "", digits] = [token[1], token.slice(2)];
  if (/[0-7]/.test(letter)) return Number.parseInt(letter + digits, 8);
  if (/[xuU]/.test(letter) && digits !== "") {
    const code = Number.parseInt(digits, 16);
    if (code <= 0x10ffff) return code;
    throw refused(token);
  }
  const control = "abtnvfr".indexOf(letter); // \a is 7, \b is 8, ...
  if (control >= 0) return control + 7;
  if (/[dDsSwW]/.test(letter)) return letter;
  if (/[\da-zA-Z]/.test(letter)) throw refused(token);
  return codeOf(token.slice(1));
}

/** Letters that Python takes for an ASCII letter, beside its own two, where case does not count. */
const ALIKE: Readonly<Record<string, string>> = { i: "\u0130\u0131", k: "\u212a", s: "\u017f" };

/** A character as a part of a class; under the flag i with all that Python takes for it. */
function folded(code: number, flags: string): string {
  if (!flags.includes("i") || (code > 127 && flags.includes("a"))) return escaped(code);
  if (code > 127) throw refused(String.fromCodePoint(code));
  const [lower, upper] = [String.fromCharCode(code).toLowerCase(), String.fromCharCode(code).toUpperCase()];
  return [lower, upper, ...(flags.includes("a") ? "" : (ALIKE[lower] ?? ""))]
    .map((each) => escaped(codeOf(each)))
    .join("");
}

function rangeSource(low: number, high: number, flags: string): string {
  if (low === high) return folded(low, flags);
  const range = `${escaped(low)}-${escaped(high)}`;
  if (!flags.includes("i")) return range;
  if (high > 127 && !flags.includes("a")) throw refused(String.fromCodePoint(low, high));
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const own = [...letters].map(codeOf).filter((code) => low <= code && code <= high);
  return range + own.map((code) => folded(code, flags)).join("");
}

/** Kinds of characters as Python has them, and with its flag a. */
const KINDS: Readonly<Record<string, readonly [own: string, ascii: string]>> = {
  d: ["\\p{Nd}", "0-9"],
  w: ["\\p{L}\\p{N}_", "a-zA-Z0-9_"],
  s: ["\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000", "\\t-\\r "],
};

/** One character of a class or of these kinds, of which D, W and S mean all others. */
function oneOf(inside: string, kinds: readonly string[], flags: string): string {
  const sets = kinds.map((kind) => {
    const set = KINDS[kind.toLowerCase()]?.[flags.includes("a") ? 1 : 0] ?? "";
    return kind < "a" ? `[^${set}]` : `[${set}]`;
  });
  return `(?:${[`[${inside}]`, ...sets].join("|")})`;
}
