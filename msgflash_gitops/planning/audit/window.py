"""The window of an audit, as people write it: an instant, a local time, a date, or a span from now."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgflash_gitops.model.audit import Window

STANDARD = timedelta(days=30)
LONGEST = timedelta(days=3660)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(?P<sign>[+-])(?P<number>\d{1,9})(?P<unit>[smhdw])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def make_window(start: str | None, end: str | None, now: datetime, timezone: str) -> Window:
    """Now to 30 days ahead, where nothing else is said. A date as the end includes that day. Raises ValueError."""
    begins = parse_moment(start, now, timezone) if start else now
    ends = parse_moment(end, now, timezone, ends_day=True) if end else max(now, begins) + STANDARD
    if ends <= begins:
        raise ValueError("the window ends before it begins")
    if ends - begins > LONGEST:
        raise ValueError(f"the window is longer than {LONGEST.days} days")
    return Window(begins, ends, timezone)


def parse_moment(text: str, now: datetime, timezone: str, *, ends_day: bool = False) -> datetime:
    """UTC. Times without an offset are the zone's; where its clocks show one twice, the earlier counts. Raises ValueError."""
    zone = ZoneInfo(timezone)
    span = _SPAN.fullmatch(text)
    try:
        if text == "now":
            return now
        if span is not None:
            seconds = int(span["number"]) * _UNITS[span["unit"]]
            return now + timedelta(seconds=seconds if span["sign"] == "+" else -seconds)
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=1 if ends_day else 0)
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "write 2027-04-15, 2027-04-15T09:00, an instant such as 2027-04-15T07:00:00Z, or a span from now such as +7d"
        raise ValueError(f"{text!r} is no date, time or span: {hint}") from None
