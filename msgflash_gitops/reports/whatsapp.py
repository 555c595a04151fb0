"""WhatsApp's text formatting, read into lines and runs, and how long the fields of a message are beside its limits.

The formatting is the app's own: `*bold*`, `_italic_`, `~strike~`, ```` ```monospace``` ````, `` `code` ``, lists and quotes. A mark counts
only at the edge of a word, with something other than a space inside; what is not closed is shown as it was written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.planning.lints import (
    BUTTON_SHOWN,
    CAPTION_LIMIT,
    DESCRIPTION_LIMIT,
    FOOTER_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
)

_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_PREFIX = re.compile(r"(?P<bullet>[*-]) (?=\S)|(?P<number>\d{1,3})\. (?=\S)|(?P<quote>>) ")
_FENCE = "```"
_STYLES = {"*": "bold", "_": "italic", "~": "strike"}


class Kind(StrEnum):
    TEXT = "text"
    BULLET = "bullet"
    NUMBER = "number"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. `changed`: not the same in the other version of the message."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    mono: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """`marker` is what stands before the runs: `•`, `1.`, or nothing."""

    runs: tuple[Run, ...]
    kind: Kind = Kind.TEXT
    marker: str = ""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class FieldLength:
    """How long a field is, in characters. `limit` None: WhatsApp states none."""

    field: str
    length: int
    limit: int | None

    @property
    def too_long(self) -> bool:
        return self.limit is not None and self.length > self.limit


def read_message(text: str) -> tuple[Line, ...]:
    """The lines of a message as the app shows them; white space at its ends is cut, as the app does."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n") if text.strip() else []
    # A monospace block may span lines: each of its lines becomes a block of its own.
    joined = _BLOCK.sub(_per_line, "\n".join(lines))
    return tuple(_line(line) for line in joined.split("\n")) if lines else ()


def field_lengths(content: JsonObject) -> tuple[FieldLength, ...]:
    """Every text of a message beside the limit that WhatsApp sets (planning.lints says where each comes from)."""
    kind = content.get("type")
    body = TEXT_LIMIT if kind == "text" or kind is None else CAPTION_LIMIT
    limits = {"title": TITLE_LIMIT, "description": DESCRIPTION_LIMIT, "body": body, "footer": FOOTER_LIMIT}
    found = [
        FieldLength(name, len(value), limit)
        for name, limit in limits.items()
        if isinstance(value := content.get(name), str)
    ]
    for index, label in enumerate(button_labels(content), 1):
        found.append(FieldLength(f"button {index}", len(label), BUTTON_SHOWN))
    return tuple(found)


def button_labels(content: JsonObject) -> tuple[str, ...]:
    """What stands on the buttons."""
    buttons: Json = content.get("buttons")
    if not isinstance(buttons, list | tuple):
        return ()
    return tuple(str(each.get("displayText") or "") for each in buttons if isinstance(each, Mapping))


def _per_line(found: re.Match[str]) -> str:
    return "\n".join(f"{_FENCE}{line}{_FENCE}" if line else "" for line in found[1].split("\n"))


def _line(text: str) -> Line:
    found = _PREFIX.match(text)
    if found is None:
        return Line(_inline(text, Run("")))
    rest = _inline(text[found.end() :], Run(""))
    if found["bullet"]:
        return Line(rest, Kind.BULLET, "•")
    if found["number"]:
        return Line(rest, Kind.NUMBER, f"{found['number']}.")
    return Line(rest, Kind.QUOTE)


def _inline(text: str, look: Run) -> tuple[Run, ...]:
    """The runs of one line. Each style nests in another once, so the depth is that of the styles."""
    runs: list[Run] = []
    begun = at = 0
    for at, end, width, style in _spans(text, look):
        if at > begun:
            runs.append(replace(look, text=text[begun:at]))
        inner = text[at + width : end - width]
        if style == "mono":
            runs.append(replace(look, text=inner, mono=True))
        else:
            runs += _inline(inner, _with(look, style))
        begun = end
    if begun < len(text):
        runs.append(replace(look, text=text[begun:]))
    return tuple(runs)


def _with(look: Run, style: str) -> Run:
    match style:
        case "bold":
            return replace(look, bold=True)
        case "italic":
            return replace(look, italic=True)
        case _:
            return replace(look, strike=True)


def _spans(text: str, look: Run) -> Iterator[tuple[int, int, int, str]]:
    """Where formatted spans begin and end, the width of their mark, and their style."""
    at = 0
    unclosed: set[str] = set()
    while at < len(text):
        mark = _mark_at(text, at)
        style = _STYLES.get(mark, "mono")
        if not mark or mark in unclosed or (style != "mono" and getattr(look, style)):
            at += 1
            continue
        end = _mono_end(text, at, mark) if style == "mono" else _style_end(text, at)
        if end is None:
            # Nothing further right closes it either, so that a long row of marks stays cheap.
            if style == "mono" or _opens(text, at):
                unclosed.add(mark)
            at += 1
            continue
        yield at, end, len(mark), style
        at = end


def _mark_at(text: str, at: int) -> str:
    if text.startswith(_FENCE, at):
        return _FENCE
    return text[at] if text[at] in "`*_~" else ""


def _mono_end(text: str, at: int, mark: str) -> int | None:
    close = text.find(mark, at + len(mark) + 1)
    return close + len(mark) if close >= 0 else None


def _opens(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not before.isalnum() and after != "" and not after.isspace()


def _style_end(text: str, at: int) -> int | None:
    if not _opens(text, at):
        return None
    close = text.find(text[at], at + 2)
    while close >= 0:
        if not text[close - 1].isspace() and not text[close + 1 : close + 2].isalnum():
            return close + 1
        close = text.find(text[at], close + 1)
    return None
