"""Durations and moments in words, the same in every reason and report."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def duration_words(span: timedelta) -> str:
    """`2 days 3 hours`: the two largest units, cut, never rounded up."""
    rest = max(int(span.total_seconds()), 0)
    parts = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 seconds"


def moment_words(instant: datetime, timezone: str) -> str:
    """`Thu 2027-04-15 09:00 CEST (07:00 UTC)`, in the zone."""
    local = instant.astimezone(ZoneInfo(timezone))
    utc = instant.astimezone(ZoneInfo("UTC"))
    seconds = ":%S" if local.second else ""
    text = local.strftime(f"%a %Y-%m-%d %H:%M{seconds} %Z")
    if timezone == "UTC":
        return text
    day = "" if utc.date() == local.date() else utc.strftime("%Y-%m-%d ")
    return f"{text} ({day}{utc.strftime(f'%H:%M{seconds}')} UTC)"
