"""Looking ahead: what may go wrong with sends that are still to come."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgflash_gitops.model.audit import AuditFinding, Kind, Limits, Outlook, Send, State, Subject, Window
from msgflash_gitops.planning.audit.sends import instants
from msgflash_gitops.planning.words import duration_words

_COMING = (Outlook.AHEAD, Outlook.ABSENT, Outlook.OVERDUE)
_WEEK = timedelta(days=7)
_NAMED = 4


def risk_findings(sends: Sequence[Send], window: Window, now: datetime, limits: Limits) -> list[AuditFinding]:
    """`sends` by time. Each pair of campaigns, each instance, each series is told once."""
    coming = [send for send in sends if (send.outlook in _COMING or send.state is State.IN_DOUBT) and send.at > now]
    return [
        *_overlaps(coming, limits.overlap),
        *_crowded(coming, limits.crowded),
        *_disconnected(coming),
        *_series(coming, window),
        *_quiet(coming, window, limits.quiet),
    ]


# pairs: only neighbours are compared, so that the work grows with the number of sends


def _overlaps(coming: Sequence[Send], span: timedelta) -> Iterator[AuditFinding]:
    """Tags, groups and contacts are compared by name; who has two tags, or is in a group, the API does not tell."""
    last: dict[str, Send] = {}
    latest: Send | None = None
    told: set[tuple[int, int]] = set()
    for send in coming:
        audience = _audience(send.subject)
        near = [(last[token], token) for token in audience if token in last]
        if "all" in last and "all" not in audience:
            near.append((last["all"], "all contacts"))
        if "all" in audience and latest is not None:
            near.append((latest, "all contacts"))
        for other, token in near:
            if _is_news(told, other, send, span):
                message = f"reaches people ({token}) whom {_name(other)} reaches {_before(other, send)}"
                yield AuditFinding(Kind.OVERLAP, message, send.subject, send.at, other.subject, send.subject.source)
        last.update(dict.fromkeys(audience, send))
        latest = send


def _crowded(coming: Sequence[Send], span: timedelta) -> Iterator[AuditFinding]:
    last: dict[str, Send] = {}
    told: set[tuple[int, int]] = set()
    for send in coming:
        instance = send.subject.instance
        if instance is None:
            continue
        other = last.get(instance.id.lower())
        if other is not None and _is_news(told, other, send, span):
            message = f"starts on the instance {instance.label} on which {_name(other)} starts {_before(other, send)}"
            yield AuditFinding(Kind.CROWDED, message, send.subject, send.at, other.subject, send.subject.source)
        last[instance.id.lower()] = send


def _is_news(told: set[tuple[int, int]], other: Send, send: Send, span: timedelta) -> bool:
    pair = (id(other.subject), id(send.subject))
    if _is_same(other.subject, send.subject) or send.at - other.at >= span or pair in told or pair[::-1] in told:
        return False
    told.add(pair)
    return True


def _audience(subject: Subject) -> list[str]:
    recipients = subject.recipients
    value, group_id = recipients.get("value"), recipients.get("groupId")
    match recipients.get("type"):
        case "all":
            return ["all"]
        case "tags" if isinstance(value, list | tuple):
            return [f"tag {each}" for each in value]
        case "explicit" if isinstance(value, list | tuple):
            return [f"contact {each}" for each in value]
        case "group":
            return [f"group {recipients.get('group') or group_id}"]
        case _:
            return []


def _disconnected(coming: Sequence[Send]) -> Iterator[AuditFinding]:
    first: dict[str, Send] = {}
    counts: dict[str, int] = {}
    for send in coming:
        instance = send.subject.instance
        if instance is not None and instance.status != "connected":
            first.setdefault(instance.id.lower(), send)
            counts[instance.id.lower()] = counts.get(instance.id.lower(), 0) + 1
    for identity, send in first.items():
        instance = send.subject.instance
        assert instance is not None
        what = f"is {instance.status}" if instance.status else "is not in the account (any more)"
        count = counts[identity]
        sends = f"{count} sends are to go out from it, the first is" if count > 1 else "one send is to go out from it,"
        message = f"instance {instance.label} {what}; {sends} {_name(send)}"
        yield AuditFinding(Kind.DISCONNECTED, message, send.subject, send.at, source=send.subject.source)


def _series(coming: Sequence[Send], window: Window) -> Iterator[AuditFinding]:
    told: set[int] = set()
    for send in coming:
        subject = send.subject
        if not subject.repeats or id(subject) in told:
            continue
        told.add(id(subject))
        found = _shift(subject, send.at, window)
        yield from [found] if found is not None else []
        if subject.campaign is not None and subject.until is not None and subject.until < window.end:
            after = next(instants(subject, max(subject.until, send.at), window.end), None)
            if after is not None:
                message = "goes on after `until`, unless apply runs between the last send before it and this one"
                yield AuditFinding(Kind.PAST_UNTIL, message, subject, after, source=subject.source)


def _quiet(coming: Sequence[Send], window: Window, quiet: tuple[time, time] | None) -> Iterator[AuditFinding]:
    """By the clocks of the project's zone: where each of the recipients lives, nobody knows."""
    if quiet is None:
        return
    begin, end = quiet
    zone = ZoneInfo(window.timezone)
    told: set[int] = set()
    for send in coming:
        local = send.at.astimezone(zone)
        clock = local.time()
        inside = begin <= clock < end if begin <= end else clock >= begin or clock < end
        if inside and id(send.subject) not in told:
            told.add(id(send.subject))
            message = (
                f"goes out at {local:%H:%M} ({window.timezone}), in the quiet hours from {begin:%H:%M} to {end:%H:%M}"
            )
            yield AuditFinding(Kind.QUIET_HOURS, message, send.subject, send.at, source=send.subject.source)


def _shift(subject: Subject, first: datetime, window: Window) -> AuditFinding | None:
    """What the clocks of the series' zone do to a series that repeats in UTC."""
    if subject.source is not None and subject.series_timezone is None:
        return None  # its definition says an offset: it means UTC
    timezone = subject.series_timezone or window.timezone
    found = shifts(subject, first, window, timezone)
    if not found:
        return None
    words = "; ".join(
        f"{before:%a %Y-%m-%d %H:%M %Z}, then {after:%a %Y-%m-%d %H:%M %Z}" for before, after in found[:_NAMED]
    )
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    message = f"the clocks of {timezone} change and MsgFlash repeats in UTC: {words}{more}"
    return AuditFinding(Kind.DST_SHIFT, message, subject, found[0][1], source=subject.source)


def shifts(subject: Subject, first: datetime, window: Window, timezone: str) -> list[tuple[datetime, datetime]]:
    """Pairs of neighbouring occurrences, local, between which the zone's offset changes."""
    zone = ZoneInfo(timezone)
    found = []
    before: datetime | None = None
    for at in instants(subject, max(subject.first, first - _WEEK), window.end):
        local = at.astimezone(zone)
        if before is not None and before.utcoffset() != local.utcoffset() and at >= first:
            found.append((before, local))
        before = local
    return found


def _is_same(one: Subject, other: Subject) -> bool:
    """Two campaigns of one key are told as a duplicate."""
    return one is other or (one.key is not None and one.key == other.key)


def _before(other: Send, send: Send) -> str:
    return f"{duration_words(send.at - other.at)} before" if other.at < send.at else "at the same time"


def _name(send: Send) -> str:
    return repr(send.subject.key or send.subject.name)
