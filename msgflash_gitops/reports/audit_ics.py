"""An audit as a calendar (RFC 5545): one event for each occurrence, updated and cancelled by SEQUENCE and STATUS."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgflash_gitops.model.audit import Audit, Outlook, Send, Subject
from msgflash_gitops.model.campaign import ENDED
from msgflash_gitops.reports.audit_words import (
    content_line,
    coverage_lines,
    difference_words,
    name_words,
    origin_words,
    sender_words,
    stats_words,
    status_words,
)
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.words import recipients_words

_OCTETS = 75
_MOST = 2**31 - 1
_CERTAIN = (Outlook.AHEAD, Outlook.SENDING, Outlook.SENT)


def audit_ics(audit: Audit) -> str:
    """Times are UTC, so that no calendar needs a zone's rules."""
    name = plain(f"MsgFlash {audit.project} ({audit.workspace})")
    seen = "\n".join(coverage_lines(audit.coverage))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//msgflash-gitops//audit//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        f"X-WR-CALDESC:{_escaped(seen)}",
        f"X-WR-TIMEZONE:{_escaped(audit.window.timezone)}",
    ]
    for send in (*audit.sends, *audit.stopped):
        lines += _event(send, audit)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in fold(line))


def fold(line: str) -> Iterator[str]:
    """Lines of at most 75 octets; a character is never cut, and what goes on begins with a space."""
    piece, used = "", 0
    for character in line:
        size = len(character.encode("utf-8", "replace"))
        if used + size > _OCTETS:
            yield piece
            piece, used = " ", 1
        piece, used = piece + character, used + size
    yield piece


def uid(send: Send, audit: Audit) -> str:
    """The same for the same occurrence of the same campaign, in every run."""
    subject = send.subject
    who = subject.campaign_id or f"{audit.project}/{audit.workspace}/{subject.key}"
    return f"{_stamp(send.at)}-{who}@msgflash-gitops"


def sequence(subject: Subject) -> int:
    """Seconds between the campaign's creation and its last change: it grows with each change, and never shrinks."""
    live = subject.campaign
    if live is None or live.created_at is None or live.updated_at is None:
        return 0
    return min(max(int((live.updated_at - live.created_at).total_seconds()), 0), _MOST)


def _event(send: Send, audit: Audit) -> list[str]:
    subject = send.subject
    changed = subject.campaign.updated_at if subject.campaign else None
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_escaped(plain(uid(send, audit)))}",
        f"DTSTAMP:{_stamp(audit.made_at)}",
        f"DTSTART:{_stamp(send.at)}",
        "DURATION:PT15M",
        f"SEQUENCE:{sequence(subject)}",
        f"STATUS:{_status(send)}",
        "TRANSP:TRANSPARENT",
        f"SUMMARY:{_escaped(_summary(send))}",
        f"LOCATION:{_escaped(sender_words(subject))}",
        f"DESCRIPTION:{_escaped(_description(send, audit))}",
        f"CATEGORIES:{_escaped(send.state.value)},{_escaped(subject.origin.value)}",
    ]
    return [*lines, *([f"LAST-MODIFIED:{_stamp(changed)}"] if changed else []), "END:VEVENT"]


def _status(send: Send) -> str:
    """What is never sent is cancelled in calendars that knew of it. A paused campaign may come back."""
    if send.outlook is Outlook.NEVER:
        return "CANCELLED"
    went = send.outlook is Outlook.STOPPED and send.subject.status in ENDED
    return "CONFIRMED" if went or send.outlook in _CERTAIN else "TENTATIVE"


def _summary(send: Send) -> str:
    state = send.state.value
    return plain(send.subject.name or send.subject.key or "(no name)") + ("" if state == "in-sync" else f" [{state}]")


def _description(send: Send, audit: Audit) -> str:
    subject = send.subject
    rows = (
        f"{name_words(subject)}: {send.state.value}, {status_words(send)}",
        f"from {sender_words(subject)} to {recipients_words(subject.recipients)}",
        content_line(subject.content, 200),
        stats_words(send),
        origin_words(audit, subject),
        plain(subject.reason),
        *difference_words(subject),
        *(plain(note) for note in (*subject.notes, *send.notes)),
    )
    return "\n".join(row for row in rows if row)


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
