"""What can be wrong with one text that goes to people: characters, placeholders, leftovers, formatting."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

NAMESPACES = ("contact", "user", "instance", "custom")
_NAMED = 3
_BRACES = re.compile(r"\{\{([^{}\n]*)\}\}")
_PLACEHOLDER = re.compile(r"([A-Za-z]+)\.[A-Za-z0-9_.-]+")
# TODO in capitals is also a word of Spanish and Portuguese texts: it counts where it stands like a note.
_LEFTOVER = re.compile(
    r"(?<![\d%])%[A-Za-z][A-Za-z0-9_]+%|(?<!\{)\$?\{[A-Za-z_][\w.]*\}(?!\})|\[\[[^\[\]\n]+\]\]"
    r"|\bTODO(?=\s*[:(\]])|^[ \t]*TODO[ \t]*$|\bFIXME\b|\bTBD\b|\b[Ll]orem ipsum\b",
    re.MULTILINE,
)
_MARKDOWN = (
    (re.compile(r"!\[[^\[\]\n]*\]\([^()\n]+\)"), "an image"),
    (re.compile(r"(?<!!)\[[^\[\]\n]+\]\([^()\s]+\)"), "a link"),
    (re.compile(r"\*\*(?=[^\s*])[^*\n]+(?<=\S)\*\*"), "bold: WhatsApp's is *one star*"),
    (re.compile(r"(?<!\w)__(?=[^\s_])[^_\n]+(?<=\S)__(?!\w)"), "bold: WhatsApp's is *one star*"),
    (re.compile(r"~~(?=[^\s~])[^~\n]+(?<=\S)~~"), "struck through: WhatsApp's is ~one tilde~"),
    (re.compile(r"^#{1,6} (?=[^\W\d])", re.MULTILINE), "a heading"),
    (re.compile(r"</?(?:b|i|u|s|strong|em|br|p|a|span|div|h[1-6]|ul|ol|li|img)\b[^<>\n]*>", re.IGNORECASE), "HTML"),
    (re.compile(r"&(?:nbsp|amp|lt|gt|quot|#\d{1,6});"), "HTML"),
)
_FENCED = re.compile(r"```.+?```", re.DOTALL)
# Marks in these are no formatting.
_OPAQUE = re.compile(r"`[^`\n]+`|https?://\S+|\{\{[^{}\n]*\}\}|[@#]\w+|[*]{2,}|_{2,}|~{2,}")
_NO_OPENING = frozenset("^-.:;,)!?'\ufe0f\u20e3")
_NO_CLOSING = frozenset({"", "^", "-", "("})
# A hotel with 5*, a price of 10 €*: a star that closes nothing and is meant.
_STARRED = frozenset("0123456789%€$£")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_ZWNJ, _ZWJ, _ZWSP = "\u200c", "\u200d", "\u200b"


@dataclass(frozen=True, slots=True)
class Fault:
    """`message` follows the name of the field."""

    rule: str
    message: str
    hint: str | None = None


def bidi_controls(text: str) -> Iterator[Fault]:
    """Embeddings, overrides and isolates."""
    found = _BIDI.findall(text)
    if found:
        message = f"holds {_points(found)}, which changes the direction of what follows: people read another text"
        yield Fault("bidi-control", message, "remove it")


def invisible_characters(text: str) -> Iterator[Fault]:
    """Not those that a script or an emoji needs."""
    if text.isprintable() and text.isascii():
        return
    rest = _FLAG.sub("🏴", text)
    rightward = any(each not in _DIRECTION_MARKS and unicodedata.bidirectional(each) in ("R", "AL") for each in rest)
    found = [
        character
        for before, character in zip("\n" + rest, rest, strict=False)
        if _invisible(character) and not _needed(before, character, rightward=rightward)
    ]
    if found:
        yield Fault("invisible-character", f"holds {_points(found)}, which nobody sees", "remove it")


def _invisible(character: str) -> bool:
    if character in "\n\r\t" or _BIDI.match(character):
        return False
    return character in _BLANKS or unicodedata.category(character) in ("Cc", "Cf", "Co", "Zl", "Zp")


def _needed(before: str, character: str, *, rightward: bool) -> bool:
    """Joiners inside emoji and in scripts that join letters, breaks in scripts without spaces, marks beside text from right to left."""
    if character == _ZWJ:
        return unicodedata.category(before) in ("So", "Sk", "Mn") or before >= "\u0590"
    if character == _ZWNJ:
        return before >= "\u0590"
    if character == _ZWSP:
        return "\u0e00" <= before <= "\u17ff"
    return character in _DIRECTION_MARKS and rightward


def placeholders(text: str) -> Iterator[Fault]:
    """Those that could not be replaced, and those of which MsgFlash does not say that they are."""
    inner = _BRACES.findall(text)
    fitting = [found for each in inner if (found := _PLACEHOLDER.fullmatch(each))]
    unknown = [found for found in fitting if found[1] not in NAMESPACES]
    if unknown:
        near = difflib.get_close_matches(unknown[0][1].lower(), NAMESPACES, n=1)
        hint = f"did you mean {{{{{near[0]}.…}}}}?" if near else f"the namespaces are {', '.join(NAMESPACES)}"
        yield Fault(
            "placeholder-unknown",
            f"holds {_listed(f'{{{{{found[0]}}}}}' for found in unknown)}: no such namespace",
            hint,
        )
    malformed = [f"{{{{{each}}}}}" for each in inner if not _PLACEHOLDER.fullmatch(each)]
    rest = _BRACES.sub("", text)
    malformed += [braces for braces in ("{{", "}}") if braces in rest]
    if malformed:
        message = f"holds double braces that are no placeholder: {_listed(malformed)}"
        yield Fault("placeholder-malformed", message, "write {{contact.firstName}}: a namespace and a name, no spaces")
    known = [f"{{{{{found[0]}}}}}" for found in fitting if found[1] in NAMESPACES]
    if known:
        message = f"holds {_listed(known)}, and MsgFlash documents placeholders in templates only: people may see it so"
        yield Fault("placeholder-unreplaced", message, "use a template, or send it to a number of your own first")


def leftovers(text: str) -> Iterator[Fault]:
    """What looks as if somebody had meant to come back to it."""
    found = [each[0].strip() for each in _LEFTOVER.finditer(text)]
    if found:
        yield Fault("leftover-text", f"holds {_listed(found)}: is it to be replaced?", "write what people shall read")


def markdown(text: str) -> Iterator[Fault]:
    """What other programs would render."""
    shown = _FENCED.sub("", text)
    for pattern, what in _MARKDOWN:
        found = pattern.search(shown)
        if found:
            message = f"holds {_quote(found[0])}, which WhatsApp shows as it is written ({what})"
            yield Fault("formatting-markdown", message, "use *bold*, _italic_, ~strike~, ```monospace```, plain links")


def unbalanced(text: str) -> Iterator[Fault]:
    """Formatting ends at the line's end, except monospace."""
    rest = _FENCED.sub(_masked, text)
    if "```" in rest:
        yield Fault("formatting-unbalanced", "opens ``` and never closes it", "close it, or remove it")
        rest = rest.replace("```", "   ")
    lines = _OPAQUE.sub(_masked, rest).split("\n")
    for mark in "*_~":
        openers, closers = _strays(lines, mark)
        if _is_footnote(lines, mark, openers, closers):
            continue
        if openers:
            message = f"opens {mark} in line {openers[0] + 1} of the text and does not close it in that line"
            yield Fault("formatting-unbalanced", message, "formatting ends with the line: close it there")
        elif closers:
            message = f"closes {mark} in line {closers[0] + 1} of the text, and nothing opened it in that line"
            yield Fault("formatting-unbalanced", message, "formatting begins in the line where it ends: open it there")


def _strays(lines: list[str], mark: str) -> tuple[list[int], list[int]]:
    """The lines that open without closing, and those that close without opening."""
    openers: list[int] = []
    closers: list[int] = []
    for number, line in enumerate(lines):
        is_open = False
        for at, character in enumerate(line):
            if character != mark:
                continue
            before, after = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
            closes = before not in _NO_CLOSING and not before.isspace() and not after.isalnum()
            if is_open:
                is_open = not closes
            elif _opens(mark, before, after):
                is_open = True
            elif closes and before not in _STARRED and closers[-1:] != [number]:
                closers.append(number)
        openers += [number] if is_open else []
    return openers, closers


def _opens(mark: str, before: str, after: str) -> bool:
    """`~10` is about ten."""
    if before.isalnum() or after == "" or after.isspace() or after in _NO_OPENING:
        return False
    return not (mark == "~" and after.isdigit())


def _is_footnote(lines: list[str], mark: str, openers: list[int], closers: list[int]) -> bool:
    """`20 % off*`, and further down a line that begins with the star."""
    if mark != "*" or not closers:
        return False
    notes = {number for number, line in enumerate(lines) if line.lstrip().startswith("*") and number > closers[0]}
    return bool(notes) and all(number in notes for number in openers)


def _masked(found: re.Match[str]) -> str:
    """Of the same length and lines; marks at the end of a link are not part of it."""
    end = len(found[0].rstrip("*_~")) or len(found[0])
    return re.sub(r"[^\n]", "x", found[0][:end]) + found[0][end:]


def _listed(texts: Iterable[str]) -> str:
    each = list(dict.fromkeys(texts))
    more = f" and {len(each) - _NAMED} more" if len(each) > _NAMED else ""
    return ", ".join(_quote(text) for text in each[:_NAMED]) + more


def _quote(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _points(characters: Iterable[str]) -> str:
    each = list(dict.fromkeys(characters))
    named = ", ".join(f"U+{ord(one):04X} {unicodedata.name(one, 'unnamed').lower()}" for one in each[:_NAMED])
    return named + (f" and {len(each) - _NAMED} more" if len(each) > _NAMED else "")
