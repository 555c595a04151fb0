"""Subjects to sends: series expanded by their occurrences, each with what becomes of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgflash_gitops.model.audit import Outlook, Send, State, Subject, Window
from msgflash_gitops.model.campaign import ACTIVE, ENDED, KNOWN_STATUSES
from msgflash_gitops.model.definition import Repeat, Schedule
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.planning.localtime import occurrences

_OPEN = (Outlook.OVERDUE, Outlook.SENDING)
_PROGRESS = ("sent", "delivered", "read", "failed")
_MOMENT = timedelta(milliseconds=1)


def expand(subjects: Iterable[Subject], window: Window, now: datetime) -> Iterator[Send]:
    """The sends of the window, subject by subject; and those before it that are still open, where it holds the present."""
    for subject in subjects:
        latest = _latest(subject, now)
        for at in instants(subject, window.start, window.end):
            yield _send(subject, at, now, latest)
        if latest is not None and latest < window.start <= now < window.end:
            send = _send(subject, latest, now, latest)
            if send.outlook in _OPEN or subject.state in (State.LATE, State.IN_DOUBT):
                yield send


def instants(subject: Subject, start: datetime, end: datetime) -> Iterator[datetime]:
    """Live series repeat in UTC from the live schedule, as far as is known of the vendor: no zone enters here."""
    if not subject.repeats:
        return iter([subject.first] if start <= subject.first < end else [])
    if subject.campaign is None and subject.until is not None:
        end = min(end, subject.until)
    if subject.status == "completed" and subject.ends is not None:
        end = min(end, subject.ends + _MOMENT)
    return occurrences(Schedule(subject.first), Repeat(subject.repeat), start, end)


def send_order(send: Send) -> tuple[datetime, str, str]:
    return (send.at, send.subject.key or send.subject.name, send.subject.campaign_id or "")


def has_sent(stats: Mapping[str, int]) -> bool:
    return any(stats.get(name, 0) > 0 for name in _PROGRESS)


def _latest(subject: Subject, now: datetime) -> datetime | None:
    """The last occurrence whose time has come: the one that the counters are about."""
    if subject.first > now:
        return None
    if not subject.repeats:
        return subject.first
    step = timedelta(days=1 if subject.repeat == "daily" else 7)
    return subject.first + (now - subject.first) // step * step


def _send(subject: Subject, at: datetime, now: datetime, latest: datetime | None) -> Send:
    live = subject.campaign
    stats = live.stats if live is not None and (at == latest or not subject.repeats) else {}
    outlook = _outlook(subject, at, now, latest)
    return Send(at, outlook, subject, stats, _notes(subject, at, outlook))


def _outlook(subject: Subject, at: datetime, now: datetime, latest: datetime | None) -> Outlook:
    live = subject.campaign
    if live is None:
        return Outlook.UNKNOWN if subject.state is State.IN_DOUBT else Outlook.ABSENT
    if live.status == DELETED and live.started_at is not None:
        return Outlook.SENT
    if live.status == DELETED:
        return Outlook.NEVER if at > (live.seen_at or now) else Outlook.UNKNOWN
    if live.status not in KNOWN_STATUSES:
        return Outlook.UNKNOWN
    if live.status == "completed":
        return Outlook.SENT
    if live.status not in ACTIVE:
        ran = subject.repeats and subject.ends is not None and at < min(subject.ends, now)
        return Outlook.SENT if ran else _stopped(subject)
    if live.status == "running" and (at == latest or (latest is None and at == subject.first)):
        return Outlook.SENDING
    if at > now:
        return Outlook.AHEAD
    began = live.started_at is not None or has_sent(live.stats) or not live.stats
    return Outlook.SENT if subject.repeats and began else Outlook.OVERDUE


def _stopped(subject: Subject) -> Outlook:
    """Nobody got it, and nobody will: ended before it began, left behind by a replace, or taken out of git and paused."""
    live = subject.campaign
    assert live is not None
    if live.status in ENDED:
        tried = has_sent(live.stats) or (live.status == "failed" and live.started_at is not None)
        return Outlook.STOPPED if tried and not subject.repeats else Outlook.NEVER
    left = subject.superseded or (subject.state is State.IN_SYNC and subject.source is None)
    return Outlook.NEVER if left and live.status == "paused" and not has_sent(live.stats) else Outlook.STOPPED


def _notes(subject: Subject, at: datetime, outlook: Outlook) -> tuple[str, ...]:
    notes = []
    if subject.status == DELETED and outlook is Outlook.UNKNOWN:
        notes.append("deleted in the dashboard: whether it was sent before, the API does not tell")
    if subject.campaign is not None and subject.until is not None and at >= subject.until:
        notes.append("after `until`: apply stops the series, MsgFlash does not know of it")
    if subject.repeat not in ("none", "daily", "weekly"):
        notes.append(f"repeats {subject.repeat!r}: only the first send is shown")
    return tuple(notes)
