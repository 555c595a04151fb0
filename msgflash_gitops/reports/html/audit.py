"""The page for auditors: findings, a calendar by month and day, every send with its message on demand, filters without scripts."""

import base64
import calendar
import hashlib
import importlib.resources
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgflash_gitops import __version__
from msgflash_gitops.model.audit import Audit, AuditFinding, Origin, Send, State, Subject
from msgflash_gitops.reports.audit_words import (
    clock_words,
    content_line,
    counts_line,
    coverage_words,
    day_words,
    days,
    difference_words,
    finding_words,
    findings_line,
    is_quiet,
    local,
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
from msgflash_gitops.reports.bubble import Message, message_of
from msgflash_gitops.reports.html.render import environment, linked
from msgflash_gitops.reports.words import recipients_words

MOST_LISTED = 5_000
_MOST_DOTS = 12
_STYLES = ("style.css", "audit.css")


@dataclass(frozen=True, slots=True)
class Row:
    """One send. `classes` are what filters look at; `details` are told with the first send of a campaign only."""

    send: Send
    classes: str
    when: str
    utc: str
    name: str
    route: str
    status: str
    stats: str
    kinds: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    message: Message | None
    clock: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    anchor: str
    words: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar; `dots` are the classes of its sends, `more` how many have no dot."""

    number: int
    anchor: str | None = None
    dots: tuple[str, ...] = ()
    more: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    title: str
    weeks: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """`choices` are a class, its words, and how many sends have it."""

    title: str
    choices: tuple[tuple[str, str, int], ...]


def audit_html(audit: Audit, failing: Sequence[AuditFinding]) -> str:
    """One file that asks nothing of the network: no script, one style sheet that its policy names by hash."""
    page = _Page(audit)
    filters = page.filters()
    css = "\n".join([*(_text(name) for name in _STYLES), *_rules(filters)])
    asked = {id(finding) for finding in failing}
    findings = [(each.kind.value, finding_words(each, audit.window), id(each) in asked) for each in audit.findings]
    return (
        environment()
        .get_template("audit.html")
        .render(
            css=css,
            policy=_policy(css),
            version=__version__,
            linked=linked,
            audit=audit,
            window=window_words(audit.window),
            made=minute_words(audit.made_at, audit.window),
            counts=counts_line(audit),
            seen=coverage_words(audit.coverage),
            never=stopped_line(audit),
            stopped=page.stopped,
            found=findings_line(audit.findings),
            failing=findings_line(failing) if failing else "",
            findings=findings,
            filters=filters,
            months=page.months(),
            days=page.days,
            left=len(audit.sends) - page.listed,
            notices=[*audit.notices, *([audit.blame.note] if audit.blame.note else [])],
        )
    )


class _Page:
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._told: set[int] = set()
        self._kinds: dict[tuple[int, datetime], list[str]] = {}
        for each in audit.findings:
            if each.subject is not None and each.at is not None and each.kind.value != each.subject.state.value:
                self._kinds.setdefault((id(each.subject), each.at), []).append(each.kind.value)
        labels = sorted({_label(send.subject) for send in (*audit.sends, *audit.stopped)})
        self._instances = {label: f"i-{number}" for number, label in enumerate(labels)}
        self._sends = audit.sends[:MOST_LISTED]
        self.listed = len(self._sends)
        self.days = [self._day(day, sends) for day, sends in days(audit, self._sends)]
        self.stopped = [self._row(send, dated=True) for send in audit.stopped[:MOST_LISTED]]

    def filters(self) -> list[Filter]:
        """One for each of state, origin and instance, where there is a choice."""
        subjects = [send.subject for send in self._audit.sends]
        states = [(f"s-{state.value}", state.value, sum(s.state is state for s in subjects)) for state in State]
        origins = [(f"o-{each.value}", each.value, sum(s.origin is each for s in subjects)) for each in Origin]
        senders = [(key, label, sum(_label(s) == label for s in subjects)) for label, key in self._instances.items()]
        made = (("State", states), ("Origin", origins), ("Instance", senders))
        kept = [(title, tuple(each for each in choices if each[2])) for title, choices in made]
        return [Filter(title, choices) for title, choices in kept if len(choices) > 1]

    def months(self) -> list[Month]:
        """Those that hold a send."""
        by_day = {date.fromisoformat(day.anchor[2:]): day for day in self.days}
        months = sorted({(day.year, day.month) for day in by_day})
        return [
            Month(
                f"{calendar.month_name[month]} {year}",
                tuple(
                    tuple(_cell(day, by_day) if day.month == month else None for day in week)
                    for week in calendar.Calendar().monthdatescalendar(year, month)
                ),
            )
            for year, month in months
        ]

    def _day(self, day: date, sends: list[Send]) -> Day:
        return Day(f"d-{day.isoformat()}", day_words(day), tuple(self._row(send) for send in sends))

    def _row(self, send: Send, *, dated: bool = False) -> Row:
        subject, window = send.subject, self._audit.window
        first = id(subject) not in self._told
        self._told.add(id(subject))
        return Row(
            send=send,
            classes=self._classes(send),
            when=f"{local(send.at, window):%Y-%m-%d} " * dated + clock_words(send.at, window),
            utc=utc_words(send.at, window),
            name=name_words(subject),
            route=f"{sender_words(subject)} to {recipients_words(subject.recipients)}",
            status=status_words(send),
            stats=stats_words(send),
            kinds=tuple(self._kinds.get((id(subject), send.at), ())),
            details=tuple(self._details(subject)) if first else (),
            message=message_of(subject.content) if first else None,
            clock=f"{local(send.at, window):%H:%M}",
            notes=(*(subject.notes if first else ()), *send.notes),
        )

    def _classes(self, send: Send) -> str:
        subject = send.subject
        quiet = " quiet" if is_quiet(send) else ""
        return f"s-{send.state.value} o-{subject.origin.value} {self._instances[_label(subject)]}{quiet}"

    def _details(self, subject: Subject) -> Iterator[tuple[str, str]]:
        yield "Content", content_line(subject.content, 120)
        if subject.reason:
            yield "Why", subject.reason
        for words in difference_words(subject):
            yield "Differs", words
        yield "Who", origin_words(self._audit, subject)
        if subject.campaign_id:
            yield "Id", subject.campaign_id


def _cell(day: date, by_day: dict[date, Day]) -> Cell:
    found = by_day.get(day)
    if found is None:
        return Cell(day.day)
    number = len(found.rows)
    words = f"{found.words}, {number} send{'' if number == 1 else 's'}"
    dots = tuple(row.classes for row in found.rows[:_MOST_DOTS])
    return Cell(day.day, found.anchor, dots, max(number - _MOST_DOTS, 0), words)


def _label(subject: Subject) -> str:
    return subject.instance.label if subject.instance else "not shown"


def _rules(filters: Sequence[Filter]) -> Iterator[str]:
    """What an unticked box hides: sends and dots, and days that hold nothing else. Class names are ours alone."""
    for each in filters:
        for key, _, _ in each.choices:
            off = f"body:has(#f-{key}:not(:checked))"
            yield f"{off} .{key}, {off} .day:not(:has(.send:not(.{key}))) {{ display: none; }}"


def _policy(css: str) -> str:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _text(name: str) -> str:
    return (importlib.resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
