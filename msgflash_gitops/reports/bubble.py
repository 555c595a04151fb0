"""A message as its recipient sees it, before any output decides how to draw it; and what differs between two of them."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.reports.whatsapp import Kind, Line, Run, button_labels, read_message

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z]+\.[A-Za-z0-9_.-]+)\s*\}\}")
_PARTS = ("title", "description", "body", "footer")
_WORD = re.compile(r"\S+\s*|\s+")
_MOST_COMPARED = 4_000_000
_KINDS = {
    "text": "text",
    "image": "picture",
    "video": "video",
    "audio": "audio file",
    "document": "document",
    "voice_note": "voice note",
    "buttons": "message with buttons",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a message: its title, description, body or footer."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What arrives on a phone.

    `template` names the template that it is made from. `unknown` says, in words, what cannot be known of it.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    media: str | None = None
    buttons: tuple[str, ...] = ()
    template: str | None = None
    unknown: tuple[str, ...] = ()

    @property
    def kind_words(self) -> str:
        return _KINDS.get(self.kind, self.kind) or ("template" if self.template else "message")

    @property
    def media_words(self) -> str:
        return self.kind_words if self.kind else "media"

    @property
    def empty(self) -> bool:
        return not (self.parts or self.media or self.buttons)


def message_of(content: JsonObject, values: Mapping[str, str] | None = None) -> Message:
    """The message of a plan's or a live campaign's content. `values` fill placeholders beside the content's own variables."""
    filled = {**(values or {}), **_custom(content)}
    parts = []
    for name in _PARTS:
        text = content.get(name)
        if isinstance(text, str) and text.strip():
            parts.append(Part(name, read_message(_fill(text, filled))))
    media, template = content.get("mediaUrl"), content.get("template") or content.get("templateId")
    kind = content.get("type")
    return Message(
        kind=kind if isinstance(kind, str) else "",
        parts=tuple(parts),
        media=media if isinstance(media, str) and media else None,
        buttons=button_labels(content),
        template=str(template) if template else None,
    )


def placeholders(content: JsonObject) -> tuple[str, ...]:
    """Those of all texts, each once, in order."""
    texts = [text for name in _PARTS if isinstance(text := content.get(name), str)]
    return tuple(dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)))


def compare(before: Message, after: Message) -> tuple[Message, Message]:
    """Both, with the words marked that the other one does not have."""
    if before.parts == after.parts:
        return before, after
    old = {part.name: part for part in before.parts}
    new = {part.name: part for part in after.parts}
    marked_old, marked_new = dict(old), dict(new)
    for name in _PARTS:
        a, b = old.get(name), new.get(name)
        lines_a, lines_b = _compare_lines(a.lines if a else (), b.lines if b else ())
        if a is not None:
            marked_old[name] = replace(a, lines=lines_a)
        if b is not None:
            marked_new[name] = replace(b, lines=lines_b)
    return (
        replace(before, parts=tuple(marked_old[part.name] for part in before.parts)),
        replace(after, parts=tuple(marked_new[part.name] for part in after.parts)),
    )


def _custom(content: JsonObject) -> dict[str, str]:
    variables: Json = content.get("variables")
    if not isinstance(variables, Mapping):
        return {}
    return {f"custom.{name}": str(value) for name, value in variables.items()}


def _fill(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@dataclass(frozen=True, slots=True)
class _Word:
    """`sign` is what must be equal for two words to be the same to a reader."""

    line: int
    run: Run
    sign: tuple[object, ...]


def _words(lines: tuple[Line, ...]) -> Iterator[_Word]:
    for number, line in enumerate(lines):
        first = True
        for run in line.runs:
            look = (run.bold, run.italic, run.strike, run.mono)
            for text in _WORD.findall(run.text):
                place: tuple[object, ...] = (line.kind, line.marker, number > 0) if first else ()
                yield _Word(number, replace(run, text=text), (text.strip(), look, place))
                first = False


def _compare_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    old, new = list(_words(before)), list(_words(after))
    same_old, same_new = _same(old, new)
    return _marked(before, old, same_old), _marked(after, new, same_new)


def _same(old: list[_Word], new: list[_Word]) -> tuple[set[int], set[int]]:
    """Positions of the words that both have."""
    if len(old) * len(new) > _MOST_COMPARED:
        return set(), set()
    blocks = difflib.SequenceMatcher(None, [w.sign for w in old], [w.sign for w in new])
    same_old: set[int] = set()
    same_new: set[int] = set()
    for a, b, size in blocks.get_matching_blocks():
        same_old.update(range(a, a + size))
        same_new.update(range(b, b + size))
    return same_old, same_new


def _marked(lines: tuple[Line, ...], words: list[_Word], same: set[int]) -> tuple[Line, ...]:
    runs: list[list[Run]] = [[] for _ in lines]
    for position, word in enumerate(words):
        run = replace(word.run, changed=position not in same)
        into = runs[word.line]
        if into and replace(into[-1], text="") == replace(run, text=""):
            into[-1] = replace(run, text=into[-1].text + run.text)
        else:
            into.append(run)
    return tuple(replace(line, runs=tuple(found)) for line, found in zip(lines, runs, strict=True))


def line_text(line: Line) -> str:
    """The line without looks, with its marker: for outputs that can only show text."""
    prefix = "▎ " if line.kind is Kind.QUOTE else f"{line.marker} " if line.marker else ""
    return prefix + line.text
