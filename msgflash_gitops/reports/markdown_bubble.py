"""A message in Markdown: a quote in which WhatsApp's looks are shown by the few HTML tags that comments allow."""

from collections.abc import Iterator
from dataclasses import replace

from msgflash_gitops.reports.bubble import Message, Part
from msgflash_gitops.reports.markdown import code, line, text
from msgflash_gitops.reports.whatsapp import Kind, Line, Run

_LARGEST = 6_000
_CUTS = (1_500, 400)


def bubble(message: Message, full: str, *, changed: str = "") -> list[str]:
    """Lines of Markdown. A message that would fill the comment is cut, and says so; `full`: where it is whole.

    `changed`: the tag around words that the other version does not have (`ins`, `del`), none where there is no other.
    """
    lines = list(_lines(message, changed))
    if len("".join(lines).encode()) <= _LARGEST:
        return lines
    for longest in _CUTS:
        lines = [*_lines(_shortened(message, longest), changed), "", f"(cut here; the whole message: {full})"]
        if len("".join(lines).encode()) <= _LARGEST:
            break
    return lines


def _lines(message: Message, changed: str) -> Iterator[str]:
    rows = [row for row in _rows(message, changed) if row]
    for number, row in enumerate(rows):
        # A backslash at the end of a line is a hard break, on GitHub and GitLab alike.
        yield f"> {row}" + ("\\" if number + 1 < len(rows) else "")


def _rows(message: Message, changed: str) -> Iterator[str]:
    if message.template is not None:
        yield f"<i>from the template</i> {text(message.template[:200])}"
    if message.media is not None:
        yield f"<i>{text(message.media_words)}:</i> {code(message.media[:500])}"
    for part in message.parts:
        yield from _part(part, changed)
    if message.buttons:
        yield " ".join(f"<kbd>{text(label[:200])}</kbd>" for label in message.buttons[:20])
    for each in message.unknown:
        yield f"<i>Not known: {text(each)}</i>"
    if message.empty and not message.unknown:
        yield "<i>its text is not known</i>" if message.template else "<i>nothing to show</i>"


def _part(part: Part, changed: str) -> Iterator[str]:
    for each in part.lines:
        shown = _line(each, changed)
        if part.name == "title":
            yield f"<b>{shown}</b>"
        elif part.name == "footer":
            yield f"<sub>{shown}</sub>"
        else:
            yield shown


def _line(each: Line, changed: str) -> str:
    """A blank line is kept by a space that does not vanish."""
    if not each.text.strip():
        return "&#160;"
    prefix = "&#9613; " if each.kind is Kind.QUOTE else "&#8226; " if each.kind is Kind.BULLET else ""
    number = f"&#8203;{each.marker.rstrip('.')}&#46; " if each.kind is Kind.NUMBER else ""
    return prefix + number + "".join(_run(run, changed, first=index == 0) for index, run in enumerate(each.runs))


def _run(run: Run, changed: str, *, first: bool) -> str:
    shown = line(run.text) if first else text(run.text)
    looks = ((run.mono, "code"), (run.strike, "s"), (run.italic, "i"), (run.bold, "b"), (run.changed, changed))
    for wanted, tag in looks:
        shown = f"<{tag}>{shown}</{tag}>" if wanted and tag else shown
    return shown


def _shortened(message: Message, longest: int) -> Message:
    parts = []
    left = longest
    for part in message.parts:
        kept = []
        for each in part.lines[:60]:
            runs = tuple(replace(run, text=run.text[:left]) for run in each.runs[:40] if left > 0)
            left -= len(each.text)
            kept.append(replace(each, runs=runs))
            if left <= 0:
                break
        parts.append(replace(part, lines=tuple(kept)))
        if left <= 0:
            break
    return replace(message, parts=tuple(parts))
