"""What a recipient sees of a definition, with sample values: for a terminal, and as facts for the page."""

import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from msgflash_gitops.model.definition import Audience, Definition, Recipients, Repeat, TemplateContent
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.planning.words import moment_words
from msgflash_gitops.reports.bubble import Message, message_of, placeholders
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.whatsapp import FieldLength, Kind, Line, Run, field_lengths
from msgflash_gitops.reports.words import recipients_words, value_words

SAMPLES = {
    "contact.name": "Camille Martin",
    "contact.firstName": "Camille",
    "contact.lastName": "Martin",
    "contact.phone": "+33639980100",
    "contact.email": "camille@example.com",
    "user.name": "Alex Durand",
    "user.firstName": "Alex",
    "instance.name": "",
}
_WIDTH = 48


@dataclass(frozen=True, slots=True)
class Card:
    """One definition to show. `notes` say what is made up or cannot be known without an account."""

    key: str
    name: str
    place: str
    when: str
    clock: str
    to: str
    sender: str
    message: Message
    lengths: tuple[FieldLength, ...]
    notes: tuple[str, ...]


def card_of(definition: Definition, timezone: str | None) -> Card:
    """`timezone`: the project's, for schedules that were written with an offset."""
    zone = definition.schedule.timezone or timezone or "UTC"
    content = _content(definition)
    values = {**SAMPLES, "instance.name": definition.instance}
    series = f", then {definition.repeat.value}" if definition.repeat is not Repeat.NONE else ""
    return Card(
        key=definition.key,
        name=definition.name,
        place=str(definition.source.at()),
        when=moment_words(definition.schedule.instant, zone) + series,
        clock=definition.schedule.instant.astimezone(ZoneInfo(zone)).strftime("%H:%M"),
        to=recipients_words(_recipients(definition.recipients)),
        sender=definition.instance,
        message=message_of(content, values),
        lengths=field_lengths(content),
        notes=tuple(_notes(definition, content, values)),
    )


def preview_text(cards: Sequence[Card], style: Style) -> str:
    """One bubble below the other."""
    return "\n".join("\n".join(_card_lines(card, style)) + "\n" for card in cards) or "no definitions\n"


def _content(definition: Definition) -> JsonObject:
    content = definition.content
    if isinstance(content, TemplateContent):
        return {"template": content.template or content.template_id, "variables": dict(content.variables)}
    return {"type": content.type, **content.fields}


def _recipients(recipients: Recipients) -> JsonObject:
    shown: dict[str, Json] = {"type": recipients.type.value}
    if recipients.type is Audience.GROUP:
        shown["group"] = recipients.group or recipients.group_id
    elif recipients.type is not Audience.ALL:
        shown["value"] = list(recipients.values)
    return shown


def _notes(definition: Definition, content: JsonObject, values: dict[str, str]) -> Iterator[str]:
    if isinstance(definition.content, TemplateContent):
        yield "the text of a template lives in MsgFlash and is not known offline: `plan` shows it"
        for name, value in definition.content.variables.items():
            yield f"{{{{custom.{name}}}}} is {value_words(value)}"
    for name in placeholders(content):
        known = name in values
        yield (
            f"{{{{{name}}}}} is shown as {values[name]!r}, a sample" if known else f"{{{{{name}}}}} has no sample value"
        )
    if placeholders(content):
        yield "MsgFlash documents placeholders for templates; in a direct message they may go out as they are written"
    if content.get("type") == "buttons":
        yield "some phones do not show buttons: try them with your own number first"


def _card_lines(card: Card, style: Style) -> Iterator[str]:
    yield f"{style.bold(plain(card.key))}  {plain(card.name)}"
    yield style.dim(f"{card.when} · {card.to} · from {plain(card.sender)} · {plain(card.place)}")
    rows = list(_bubble_rows(card, style))
    width = max((_width(shown) for shown, _ in rows), default=0)
    yield f"  ╭{'─' * (width + 2)}╮"
    for shown, painted in rows:
        yield f"  │ {painted}{' ' * (width - _width(shown))} │"
    yield f"  ╰{'─' * (width + 2)}╯"
    if card.message.buttons:
        yield "  " + " ".join(f"[ {plain(label)} ]" for label in card.message.buttons)
    for each in card.lengths:
        limit = f" of {each.limit}" if each.limit else ""
        words = f"  {each.field}: {each.length}{limit} characters"
        yield style.red(f"{words}, WhatsApp's limit is {each.limit}") if each.too_long else style.dim(words)
    for note in card.notes:
        yield style.dim(f"  note: {plain(note)}")


def _bubble_rows(card: Card, style: Style) -> Iterator[tuple[str, str]]:
    """Each row as plain text, by which it is measured, and painted."""
    message = card.message
    if message.media:
        yield from _wrapped(f"[{message.media_words}] {plain(message.media)}", style.cyan)
    for part in message.parts:
        for line in part.lines:
            yield from _line_rows(line, part.name, style)
    if message.empty:
        yield from _wrapped(f"[the text of the template {plain(message.template)}]", style.dim)
    yield card.clock.rjust(5), style.dim(card.clock.rjust(5))


def _wrapped(text: str, paint: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    for row in textwrap.wrap(text, _WIDTH) or [""]:
        yield row, paint(row)


def _line_rows(line: Line, part: str, style: Style) -> Iterator[tuple[str, str]]:
    """Broken between words; a word wider than the bubble is cut."""
    prefix = "▎ " if line.kind is Kind.QUOTE else f"{line.marker} " if line.marker else ""
    shown, painted = prefix, prefix
    for run, word in _words(line):
        if _width(shown) + _width(word.rstrip()) > _WIDTH and shown != prefix:
            yield shown, painted
            shown = painted = " " * len(prefix)
        shown, painted = shown + word, painted + _paint(run, word, part, style)
    yield shown, painted


def _words(line: Line) -> Iterator[tuple[Run, str]]:
    for run in line.runs:
        yield from ((run, word) for word in _pieces(plain(run.text)))


def _pieces(text: str) -> Iterator[str]:
    """Words with the space behind them, none wider than the bubble."""
    start = 0
    for end in range(1, len(text) + 1):
        full = _width(text[start:end]) >= _WIDTH - 4
        if full or end == len(text) or (text[end - 1] == " " and text[end] != " "):
            yield text[start:end]
            start = end


def _paint(run: Run, word: str, part: str, style: Style) -> str:
    if run.mono:
        word = style.cyan(word)
    if run.bold or part == "title":
        word = style.bold(word)
    if run.italic:
        word = style.italic(word)
    if run.strike:
        word = style.strike(word)
    return style.dim(word) if part == "footer" else word


def _width(text: str) -> int:
    """Columns of a terminal."""
    return sum(
        0
        if unicodedata.combining(each) or each in "\u200d\ufe0f"
        else 2
        if unicodedata.east_asian_width(each) in "WF"
        else 1
        for each in text
    )
