"""Regular expressions, as Keras takes them for the names of variables without weight decay, and in which names Python finds them.

`python patterns.py SEED COUNT` prints fresh ones for `npm run test:keras`.
"""

import json
import re
import sys
import warnings

from draw import Draw

NAMES = [
    *["bias", "dense_bias", "Bias", "BIAS", "bias_1", "kernel", "sequential.0.bias", "bias\n", "\nbias", "a\nbias\nb", "a.b-c d"],
    *["a", "b", "ab", "ba", "aab", "abb", "A", "aB", "k", "K", "\u212a", "s", "\u017f", "i", "I", "\u0130", "\u0131", "is", "KiS"],
    *["_", "1", "a1_", "12", "é", "Éa", "²", "½", "Ⅷ", "０", "a\u0301", "中", "ß", "😀", "a😀b", "\u00a0", "\u2028", "\x85", "\ufeff"],
    *["\x1c", "\t", "\r\n", "\n", "\n\n", "[", "]", "{1}", "a{2}", "^", "$", ".", "\\", "-", "a-c", "&", "|", "(a)", "*", "+", "?"],
]

# Written by people, and the corners of each construct. All of these are translated.
PLANNED = [
    *["bias", "bias|beta", "^bias$", r"\Abias", r"bias\Z", "bias$", "(?i)BIAS", "(?i)k", "(?i)[i-k]", "(?i)[^s]", "(?P<n>a)b", "(?i)", "(?i)i"],
    *[".", "^.$", "^$", r"\A\Z", r"(?i)[^\d]", r"(?i)\w", r"(?i)\bb", r"(?i)[a-z\s]", "[a-z]+_[0-9]+", r"dense(_\d+)?/", "^(?:norm|bn)", "(?i)[A-z]"],
    *[r"\d", r"\D", r"\w", r"\W", r"^\w+$", r"\s", r"\S", r"^\s$", r"\bb", r"b\b", r"\Ba", r"a\B", r"[\w-]", r"[^\w]", r"^[\d]$", r"[\s\d]"],
    *[r"\.", r"\-", r"\_", r"\\", r"[\]]", "[a-]", "[-a]", "[a^]", "[[]", "[&&]", r"[\-a]", r"\n", r"[\n\t]", r"\é", r"\{1\}", r"[\^]", "[😀]"],
    *["a{2}", "a{1,}", "a{0}b", "a{1,2}?b", "a??b", "a*?b", "(a|b)*c", "(?:)", ""],
    *["(?=b)", "(?!b)", "^(?!bias)", "(?:a|)b", "(a)(b)", "((a)|b)+", "a|", "|a", "(|a)b"],
]
# Refused: by Python, because here they would mean something else, or because nobody writes them. Which is which, Python says.
REFUSED = [
    *["(", ")", "[", "[^]", "*a", "{1}", "a**", "a{2}{3}", "^*", r"\b*", "a{3,2}", "\\", r"a\p", r"\q", "(?<n>a)", r"\k<n>", r"\u12", "[b-a]", r"[\d-z]"],
    *["a(?i)b", "(?P<n>a)(?P<n>b)", "(?P<1>a)", "(?au)a", "(?i-i:a)", "(?L)a", "(?y)a", "(?P=n)", r"\1", r"\400", "(?<=a*)b", "(?<=a|bc)b", "(?#"],
    *["a++", "a*+b", "a{1,2}+", "(?>a|b)", "(?>a*)a", r"(a)\1", r"(?P<n>a)(?P=n)", "(a)?(?(1)b|c)", r"\N{DIGIT ONE}", "(?x)a b", "(?a:a)", "(?#c)a"],
    *["(?i)é", "(?i)[é-ü]", "(?=a)*b", "(?<=a{2})b", "a{99999999999}", r"\U00110000", r"(?i)\U00110000", r"(?i)[\U00a00062]"],
    *["(?i:B)IAS", "(?-i:a)b", "(?s).", "(?m)^bias$", r"(?a)\d", r"(?u)\w", "(?i)(?s)A.", "(?<=b)i", "(?<!b)i", r"[^\W_]", r"[\s\S]", r"[\b]", r"\a"],
    *[r"\x61", r"\u0061", r"\U00000062", r"\141", r"\0", r"[\141]", "[]]", "[^]]", "[]-a]", "{", "}", "]", "{}", "a{", "a{1", "a{,", "a{,2}b", "a{,}"],
]


def planned_patterns():
    for pattern in PLANNED + REFUSED:
        yield case_of(pattern, planned=pattern in PLANNED)


def random_patterns(seed, count):
    draw = Draw("patterns", seed)
    for _ in range(count):
        yield case_of(expression(draw))


def case_of(pattern, **more):
    """`found` has a 1 for each name in which it is found; null where Python refuses it."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compiled = re.compile(pattern)
        found = "".join("01"[compiled.search(name) is not None] for name in NAMES)
    except (re.error, OverflowError, ValueError, SystemError):  # the last one is a fault of possessive parts
        found = None
    return {"pattern": pattern, "found": found, **more}


def expression(draw):
    flags = "(?" + draw.pick(["i", "s", "m", "a", "u", "im", "ai", "ms"]) + ")" if draw.chance(0.25) else ""
    text = flags + branches(draw, draw.whole(0, 2))
    if draw.chance(0.12):
        at = draw.whole(0, len(text))
        text = text[:at] + draw.pick(list("()[]{}*+?|\\^$.-#=!<>:aPi1,")) + text[at + draw.whole(0, 1) :]
    return text


def branches(draw, depth):
    return "|".join(sequence(draw, depth) for _ in range(draw.pick([1, 1, 1, 2, 2, 3])))


def sequence(draw, depth):
    return "".join(item(draw, depth) + (repeat(draw) if draw.chance(0.25) else "") for _ in range(draw.pick([0, 1, 1, 2, 2, 3])))


def repeat(draw):
    return draw.pick(["*", "+", "?", "{2}", "{1,2}", "{,2}", "{1,}", "{0}", "{,}"]) + draw.pick(["", "", "", "?", "", "", "+"])


def item(draw, depth):
    kind = draw.next()
    if kind < 0.4:
        return draw.pick(list("aabbABkKiIsSxy_12"))
    if kind < 0.5:
        return draw.pick([".", "^", "$", "{", "}", "]", "{}", "{a}", "é", "É", "中", "ß", "-", "&"])
    if kind < 0.62:
        return "\\" + draw.pick([*"dDwWsSbBAZntafvr0._-/", "x61", "u0061", "U00000062", "061", "101", "u0130", "xe9", "\\", " "])
    if kind < 0.72:
        return character_class(draw)
    return group(draw, branches(draw, depth - 1)) if depth > 0 else draw.pick("abk_")


def character_class(draw):
    ranges = ["a-c", "A-Z", "a-z", "0-9", "A-z", "_-b", " -~", "é-ü", "\\x61-\\x63", "!--"]
    kinds = ["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\b", "\\n", "\\]", "\\-", "\\141"]
    parts = [draw.pick([draw.pick("abkKsi_1"), draw.pick(ranges), draw.pick(kinds), draw.pick("-^.$*[]&|~é中")]) for _ in range(draw.whole(1, 3))]
    return "[" + draw.pick(["", "", "^"]) + "".join(parts) + "]"


def group(draw, body):
    opened = draw.pick(["(", "(", "(?:", f"(?P<n{draw.whole(0, 9)}>", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?s:", "(?m:", "(?-i:", "(?i-s:", "(?a:"])
    return f"{opened}{body})"


if __name__ == "__main__":
    for case in [{"names": NAMES}, *random_patterns(sys.argv[1], int(sys.argv[2]))]:
        print(json.dumps(case))
