"""Instants: always UTC, always aware; written to the API as ISO 8601 with milliseconds and Z."""

from datetime import UTC, datetime, timedelta

_YEARS = range(1970, 9000)


def format_instant(instant: datetime) -> str:
    """`2027-04-15T07:00:00.000Z`, the form of the vendor's examples (page "Create a campaign")."""
    utc = instant.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def parse_instant(text: str) -> datetime:
    """An instant in UTC, cut to the millisecond. Raises ValueError where the text is no ISO 8601 date-time with an offset,
    and for years so far away that a local time of theirs may not exist."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    if moment.year not in _YEARS:
        raise ValueError(f"{text!r} is no year of a send")
    utc = moment.astimezone(UTC)
    return utc - timedelta(microseconds=utc.microsecond % 1000)


def instant_or_none(value: object) -> datetime | None:
    """The instant that an answer shows; None for anything that cannot be read as one."""
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
