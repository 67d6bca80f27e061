// Regular expressions of Python's `re`, in which Keras takes the names of variables, as expressions of JavaScript that find the
// same. What both write alike is taken, and a few things that they write differently; whoever needs more has RegExp.

// Sets, escapes, groups that are no plain ones, counts that Python refuses, possessive parts, and what Python sees differently.
const TOKEN =
  /\[\^?(?<set>(?:\\.|[^\]\\])*)\]|\\(?<escaped>.?)|\(\?(?<group>P?.?)|\{[\d,]{10,}|(?:[*+?]|\{\d+,?\d*\})\+|[[.$]/gsu;
type Table = Readonly<Record<string, string>>;
const KINDS: Table = {
  d: "\\p{Nd}",
  w: "\\p{L}\\p{N}_",
  s: "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000",
};
const OTHERS: Table = { D: "d", W: "w", S: "s" };
const GROUPS: Table = { ":": "(?:", "=": "(?=", "!": "(?!", "P<": "(?<" };

/**
 * Says of a name whether `pattern` is found in it. `alone` says that there are no others: Keras joins them with `|`, where a flag
 * at the start of one becomes a flag of all, or an error, by their order in a set.
 *
 * @throws SyntaxError that says in a sentence what of it cannot be searched here
 */
export function pythonPattern(pattern: string, alone: boolean): (name: string) => boolean {
  // The place where it is found goes on by whole characters: a search may look at the halves of one, too.
  return translated(pattern, alone, (source) => `^[^]*?(?:${source})`);
}

/** Says of a name whether the whole of it is what `pattern` means, as Python's `re.fullmatch`. Throws as `pythonPattern`. */
export function pythonFullMatch(pattern: string): (name: string) => boolean {
  return translated(pattern, true, (source) => `^(?:${source})$`);
}

function translated(pattern: string, alone: boolean, placed: (source: string) => string): (name: string) => boolean {
  const anyCase = alone && pattern.startsWith("(?i)");
  const source = anyCase ? pattern.slice(4) : pattern;
  const letter = anyCase ? /[^\0-\x7f]/u.exec(source) : null;
  if (letter) throw refused(letter[0]);
  const ours = source.replace(TOKEN, (token, set, escaped, group) => {
    if (set) return token.replace(/\\(.)/gsu, (_, member) => KINDS[member] ?? literal(member));
    if (escaped !== undefined) return outsideSets(escaped);
    if (token === ".") return "[^\\n]";
    if (token === "$") return "(?=\\n?$)";
    if (group in GROUPS) return GROUPS[group] ?? "";
    throw refused(token);
  });
  const search = compiled(placed(ours), anyCase ? "iu" : "u");
  // Where case does not count, Python takes these two for an i.
  return (name) => search.test(anyCase ? name.replace(/[\u0130\u0131]/g, "i") : name);
}

function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch {
    throw new SyntaxError("Escape characters such as ( with a backslash, or pass a RegExp.");
  }
}

function outsideSets(escaped: string): string {
  if (escaped === "A") return "^";
  if (escaped === "Z") return "$";
  const word = `[${KINDS.w}]`;
  // Inside a look-ahead they cannot be repeated, which Python refuses.
  if (escaped === "b") return `(?=(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
  if (escaped === "B") return `(?=(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
  const other = OTHERS[escaped];
  if (other !== undefined) return `[^${KINDS[other]}]`;
  return escaped in KINDS ? `[${KINDS[escaped]}]` : literal(escaped);
}

/** A character that a backslash stands before, alone or in a set. */
function literal(escaped: string): string {
  if (/[nrtfv]/.test(escaped)) return `\\${escaped}`;
  if (/^[\da-z]?$/i.test(escaped)) throw refused(`\\${escaped}`);
  return `\\u{${escaped.codePointAt(0)?.toString(16)}}`;
}

const refused = (token: string): SyntaxError =>
  new SyntaxError(`${JSON.stringify(token)} cannot be searched here as Python does: pass a RegExp.`);
