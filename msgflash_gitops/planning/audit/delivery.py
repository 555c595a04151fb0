"""Looking back: sends that never started, hang, reached only some, or went out although they should not have."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from msgflash_gitops.model.audit import AuditFinding, Kind, Limits, Origin, Outlook, Send, State, Subject
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.planning.audit.sends import has_sent
from msgflash_gitops.planning.words import duration_words

_WENT_OUT = (Outlook.SENT, Outlook.SENDING)


def delivery_findings(
    subjects: Iterable[tuple[Subject, list[Send]]], now: datetime, limits: Limits
) -> list[AuditFinding]:
    """At most one of each kind for a campaign; only where a send of the window has had its time."""
    rules: tuple[Callable[[_Past], tuple[Kind, str] | None], ...] = (
        _never_started,
        _stuck,
        _shortfall,
        _though_cancelled,
        _without_definition,
    )
    found = []
    for subject, sends in subjects:
        passed = [send for send in sends if send.at <= now]
        if subject.campaign is None or not passed:
            continue
        past = _Past(subject, subject.campaign, passed, now, limits)
        for rule in rules:
            said = rule(past)
            if said is not None:
                found.append(AuditFinding(said[0], said[1], subject, past.last.at, source=subject.source))
    return found


class _Past:
    """A campaign whose time has come, `last` its latest send in the window."""

    def __init__(self, subject: Subject, live: LiveCampaign, passed: list[Send], now: datetime, limits: Limits) -> None:
        self.subject = subject
        self.live = live
        self.passed = passed
        self.last = passed[-1]
        self.now = now
        self.limits = limits

    @property
    def stats(self) -> Mapping[str, int]:
        return self.live.stats


def _never_started(past: _Past) -> tuple[Kind, str] | None:
    if past.last.outlook is not Outlook.OVERDUE or past.now - past.last.at < past.limits.start_grace:
        return None
    return Kind.NEVER_STARTED, (
        f"was due {duration_words(past.now - past.last.at)} ago, and is still {past.live.status}: nothing shows that it began"
    )


def _stuck(past: _Past) -> tuple[Kind, str] | None:
    if past.live.status != "running":
        return None
    since = past.live.enqueued_at or past.live.started_at or past.last.at
    if past.now - since < past.limits.stuck_after:
        return None
    return (
        Kind.STUCK,
        f"is running, and nothing has happened for {duration_words(past.now - since)}: {counted(past.stats)}",
    )


def _shortfall(past: _Past) -> tuple[Kind, str] | None:
    stats = past.stats
    if past.live.status == "failed":
        return Kind.FAILED, f"MsgFlash says that it failed: {counted(stats)}"
    if past.live.status != "completed":
        return None
    planned, sent, failed = (stats.get(name, 0) for name in ("planned", "sent", "failed"))
    if sent + failed < planned:
        return Kind.PARTIAL, f"completed, and {planned - sent - failed} of {planned} were never tried: {counted(stats)}"
    return (Kind.FAILED, f"completed, and {failed} of {planned} failed: {counted(stats)}") if failed else None


def _though_cancelled(past: _Past) -> tuple[Kind, str] | None:
    if past.live.status != "cancelled" or not has_sent(past.stats) or past.subject.repeats:
        return None
    return Kind.SENT_THOUGH_CANCELLED, f"is cancelled, and had been sent to some before: {counted(past.stats)}"


def _without_definition(past: _Past) -> tuple[Kind, str] | None:
    subject = past.subject
    if subject.state not in (State.UNMANAGED, State.ORPHANED):
        return None
    if not (has_sent(past.stats) or any(send.outlook in _WENT_OUT for send in past.passed)):
        return None
    if subject.origin is Origin.DASHBOARD:
        return Kind.SENT_WITHOUT_DEFINITION, "was sent, and git never knew of it"
    if subject.foreign is not None:
        return (
            Kind.SENT_WITHOUT_DEFINITION,
            f"was sent by project {subject.foreign!r}, this one has no definition of it",
        )
    return Kind.SENT_WITHOUT_DEFINITION, "was sent, and its definition is no longer in git"


def counted(stats: Mapping[str, int]) -> str:
    """`planned 150, sent 90, failed 2`: the counters that tell something."""
    names = ("planned", "queued", "sent", "delivered", "read", "failed", "cancelled")
    shown = [
        f"{name} {stats[name]}" for name in names if name in stats and (stats[name] or name in ("planned", "sent"))
    ]
    return ", ".join(shown) or "no counters shown"
