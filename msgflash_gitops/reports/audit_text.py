"""An audit for a terminal, at any width from 40 columns on."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from msgflash_gitops.model.audit import Audit, AuditFinding, Outlook, Send, State, Subject
from msgflash_gitops.reports.audit_words import (
    clock_words,
    content_line,
    counts_line,
    coverage_lines,
    day_words,
    days,
    difference_words,
    finding_words,
    findings_line,
    is_quiet,
    minute_words,
    name_words,
    origin_words,
    sender_words,
    stats_words,
    status_words,
    stopped_line,
    utc_words,
    window_words,
)
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.words import recipients_words

_NARROWEST = 40
_INDENT = "    "


def audit_text(
    audit: Audit, failing: Sequence[AuditFinding], style: Style, *, width: int = 100, verbose: bool = False
) -> str:
    """The sends by day, the findings, the counts. What will never be sent stands apart: counted, and listed where `verbose`."""
    page = _Page(audit, style, max(width, _NARROWEST))
    page.head()
    page.days(audit.sends)
    if verbose and audit.stopped:
        page.line(style.dim("Never sent"))
        page.line()
        page.days(audit.stopped)
    page.findings(failing)
    page.foot(failing, listed=verbose)
    return page.text()


class _Page:
    def __init__(self, audit: Audit, style: Style, width: int) -> None:
        self._audit = audit
        self._style = style
        self._width = width
        self._lines: list[str] = []
        self._told: set[int] = set()

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def line(self, text: str = "") -> None:
        self._lines.append(text)

    def wrapped(self, text: str, *, first: str = "", rest: str | None = None) -> None:
        self._lines += wrap(text, self._width, first, first if rest is None else rest)

    def head(self) -> None:
        audit = self._audit
        self.wrapped(f"Workspace {plain(audit.workspace)}, project {plain(audit.project)}")
        self.wrapped(f"From {window_words(audit.window)}")
        self.wrapped(f"As of {minute_words(audit.made_at, audit.window)}{self._commit()}")
        for line in coverage_lines(audit.coverage):
            self.wrapped(line, rest="  ")
        self.line()

    def _commit(self) -> str:
        if self._audit.commit is None:
            return ""
        dirty = ", with changes that are not committed" if self._audit.dirty else ""
        return f", git at {plain(self._audit.commit)[:10]}{dirty}"

    def days(self, sends: Sequence[Send]) -> None:
        for day, group in days(self._audit, sends):
            self.line(self._style.bold(day_words(day)))
            for send in group:
                self.send(send)
            self.line()

    def send(self, send: Send) -> None:
        """Two lines to recognise it by, and the rest below."""
        subject, window = send.subject, self._audit.window
        paint = self._paint(send)
        strong = self._style.dim if send.outlook is Outlook.NEVER else self._style.bold
        when = f"{clock_words(send.at, window)} ({utc_words(send.at, window)})"
        first, *more = wrap(f"{when}  {name_words(subject)}", self._width, "  ", _INDENT)
        self._lines += [strong(first), *(strong(line) for line in more)]
        state = f"{send.state.value}, {status_words(send)}"
        self._lines += [paint(line) for line in wrap(state + self._repeat(send), self._width, _INDENT, _INDENT)]
        rows = (*self._details(subject), stats_words(send), *(f"note: {plain(note)}" for note in send.notes))
        for row in rows:
            if row:
                self.wrapped(row, first=_INDENT, rest=_INDENT + "  ")

    def _details(self, subject: Subject) -> tuple[str, ...]:
        """Of a series, with its first occurrence only."""
        if id(subject) in self._told:
            return ()
        self._told.add(id(subject))
        return (
            f"from {sender_words(subject)} to {recipients_words(subject.recipients)}",
            content_line(subject.content),
            origin_words(self._audit, subject),
            f"why: {plain(subject.reason)}" if subject.reason else "",
            *difference_words(subject),
            *(f"note: {plain(note)}" for note in subject.notes),
        )

    def _repeat(self, send: Send) -> str:
        return f", {plain(send.subject.repeat)}" if send.subject.repeat != "none" else ""

    def _paint(self, send: Send) -> Callable[[str], str]:
        """Green is what goes out, or went out, as reviewed: what is stopped is as reviewed at most."""
        if send.state in (State.STOPPED, State.IN_SYNC) and is_quiet(send):
            return self._style.dim
        return self._style.green if send.state is State.IN_SYNC else self._style.red

    def findings(self, failing: Sequence[AuditFinding]) -> None:
        asked = {id(finding) for finding in failing}
        for finding in self._audit.findings:
            sign = "! " if id(finding) in asked else "- "
            words = f"{finding.kind.value}: {finding_words(finding, self._audit.window)}"
            lines = wrap(words, self._width, sign, "  ")
            self._lines += [self._style.red(line) if id(finding) in asked else line for line in lines]
        if self._audit.findings:
            self.line()

    def foot(self, failing: Sequence[AuditFinding], *, listed: bool) -> None:
        notices = [*self._audit.notices, *([self._audit.blame.note] if self._audit.blame.note else [])]
        for notice in notices:
            self.wrapped(f"notice: {plain(notice)}", rest="  ")
        self.wrapped(counts_line(self._audit), rest="  ")
        if self._audit.stopped:
            self.wrapped(stopped_line(self._audit) + ("" if listed else ": -v lists them"), rest="  ")
        self.wrapped(findings_line(self._audit.findings), rest="  ")
        if failing:
            self._lines += [
                self._style.red(line) for line in wrap(f"--fail-on: {findings_line(failing)}", self._width, "", "  ")
            ]


def wrap(text: str, width: int, first: str, rest: str) -> list[str]:
    """Lines of at most `width` columns; a word that is longer than a line is cut into pieces."""
    lines: list[str] = []
    line, used = first, len(first)
    empty = True
    for word in _pieces(text.split(" "), width - max(len(first), len(rest))):
        size = columns(word)
        if not empty and used + 1 + size > width:
            lines.append(line.rstrip())
            line, used, empty = rest, len(rest), True
        line, used = (line + word, used + size) if empty else (f"{line} {word}", used + 1 + size)
        empty = False
    return [*lines, line.rstrip()]


def columns(text: str) -> int:
    """How many columns of a terminal it takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(words: Sequence[str], width: int) -> Iterator[str]:
    for word in words:
        if columns(word) <= width:
            yield word
            continue
        piece, used = "", 0
        for character in word:
            size = _columns(character)
            if used + size > width:
                yield piece
                piece, used = "", 0
            piece, used = piece + character, used + size
        yield piece
