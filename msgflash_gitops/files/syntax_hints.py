"""What to do about YAML that the parser gave up on: its words name what it missed, not what the writer got wrong."""

import re

_CLOSING = {"[": "]", "{": "}"}
_ENTRY = re.compile(r"\s*(?:- +)*[^\s#:\"'\[{&*!|>%@`-][^:#]*:(?:\s|$)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|(?:(?<=\s)|^)#[^\n]*", re.MULTILINE)
_BY_INDENTATION = (
    "mapping values are not allowed",
    "expected key",
    "expected '-' indicator",
    "<document start>",
    "block end",
)


def syntax_hint(message: str, text: str, line: int, column: int) -> str:
    """`line` and `column` (from 1) are where the parser gave up."""
    lines = text.split("\n")
    written = lines[line - 1] if line <= len(lines) else ""
    value = written.partition(": ")[2].strip()
    if "\t" in written[: len(written) - len(written.lstrip())] or "'\\t'" in message:
        return "indent with spaces, not with tabs"
    if "expected ',' or" in message:
        return _unclosed(lines, line, column) or "put texts in quotes where they hold brackets, braces or commas"
    if any(words in message for words in _BY_INDENTATION):
        hint = _indentation(lines, line, column)
        if hint is not None:
            return hint
    if "mapping values are not allowed" in message:
        return "text that holds ': ' must be in quotes"
    if value.startswith("*"):
        return "text that begins with * must be in quotes: an unquoted * names an alias"
    if value[:1] in tuple("{[&!%@`|>\"'"):
        return f"text that begins with {value[:1]} must be in quotes"
    return "put texts in quotes, and check indentation and closing quotes of the lines above"


def _unclosed(lines: list[str], line: int, column: int) -> str | None:
    """The innermost bracket that is open where the parser gave up. None where it closes: then something else is wrong inside."""
    before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1] if line <= len(lines) else ""])
    plain = _QUOTED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), before)
    opened: list[int] = []
    for at, character in enumerate(plain):
        if character in "[{":
            opened.append(at)
        elif character in "]}" and opened:
            opened.pop()
    if not opened:
        return None
    at = opened[-1]
    bracket, where = plain[at], plain.count("\n", 0, at) + 1
    first = plain.rfind("\n", 0, at) + 1
    if plain[first:at].endswith((": ", "- ")) and not _ENTRY.match(lines[line - 1] if line <= len(lines) else "a:"):
        found = lines[line - 1][column - 1 : column]
        if where == line and found not in "]}":
            return f"text that begins with {bracket} must be in quotes"
    return f"`{bracket}`, opened in line {where}, column {at - first + 1}, is not closed: put `{_CLOSING[bracket]}` behind its last entry"


def _indentation(lines: list[str], line: int, column: int) -> str | None:
    """Where a line with a key of its own (or an item) stands deeper or shallower than the lines it belongs to."""
    written = lines[line - 1] if line <= len(lines) else ""
    here = _indent(written)
    entry = _ENTRY.match(written)
    if not written.strip() or not (entry or written.lstrip().startswith("- ")) or (entry and column > entry.end()):
        return None
    above = [
        (number, each) for number, each in enumerate(lines[: line - 1], 1) if each.strip() and each.strip()[0] != "#"
    ]
    if not above:
        return None
    number, last = above[-1]
    if here > _inner(last):
        return (
            f"line {line} is indented by {_spaces(here)}, deeper than line {number} ({_inner(last)}), which does not open a block: "
            "give both the same indentation"
        )
    levels = sorted({level for _, each in above for level in (_indent(each), _inner(each))})
    if here not in levels:
        nearest = " or ".join(str(each) for each in levels[-2:])
        return f"line {line} is indented by {_spaces(here)}, the lines that it may belong to by {nearest}: give it the same"
    if levels[-1] > here:
        return (
            f"line {line} is indented by {_spaces(here)}, lines above it by {levels[-1]}: "
            "give fields that belong together the same indentation"
        )
    return None


def _spaces(count: int) -> str:
    return f"{count} space{'' if count == 1 else 's'}"


def _inner(line: str) -> int:
    """Where the text of an item begins, behind its dash."""
    return len(line) - len(line.lstrip(" -")) if line.lstrip().startswith("- ") else _indent(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
