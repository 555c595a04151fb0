"""Instants: always UTC, always aware; written to the API as ISO 8601 with milliseconds and Z."""

from datetime import UTC, datetime, timedelta


def format_instant(instant: datetime) -> str:
    """`2027-04-15T07:00:00.000Z`, the form of the vendor's examples (page "Create a campaign")."""
    utc = instant.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def parse_instant(text: str) -> datetime:
    """An instant in UTC, cut to the millisecond. Raises ValueError where the text is no ISO 8601 date-time with an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    utc = moment.astimezone(UTC)
    return utc - timedelta(microseconds=utc.microsecond % 1000)
