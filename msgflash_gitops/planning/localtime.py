"""Wall-clock times of a zone to instants, and the occurrences of series.

zoneinfo never complains about a local time that does not exist or exists twice; this module does.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgflash_gitops.model.definition import Repeat, Schedule

_STEPS = {Repeat.DAILY: timedelta(days=1), Repeat.WEEKLY: timedelta(days=7)}
# No zone ever moved its clocks by more than a day (Samoa, 2011, by exactly one).
_LARGEST_SHIFT = timedelta(days=1, hours=2)


class LocalTimeError(ValueError):
    """`rule` is `time-nonexistent` or `time-ambiguous`."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def is_ambiguous(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's clocks show this time twice."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first != second and exists(wall, zone)


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's clocks ever show this time."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(
        fold=0
    )


def to_instant(wall: datetime, zone: ZoneInfo, fold: int | None = None) -> datetime:
    """The instant (UTC) of a naive wall-clock time. `fold` (0 earlier, 1 later) decides where the time happens twice.

    Raises LocalTimeError where the time does not exist, or exists twice without `fold`.
    """
    if not exists(wall, zone):
        raise LocalTimeError("time-nonexistent", f"{wall.isoformat()} does not exist in {zone.key}: clocks skip it")
    if fold is None and is_ambiguous(wall, zone):
        raise LocalTimeError("time-ambiguous", f"{wall.isoformat()} happens twice in {zone.key}")
    return wall.replace(tzinfo=zone, fold=fold or 0).astimezone(UTC)


def occurrences(schedule: Schedule, repeat: Repeat, start: datetime, end: datetime) -> Iterator[datetime]:
    """Instants of the series (UTC) from `start` up to, not including, `end`; none before the schedule itself.

    In a zone the wall-clock time stays: where clocks skip it, the occurrence moves forward by the gap; where they show it
    twice, the earlier one counts. Without a zone it is every 24 hours or 7 days.
    """
    index = max(0, _index_before(schedule, repeat, start))
    while index == 0 or repeat is not Repeat.NONE:
        at = _occurrence(schedule, repeat, index)
        if at >= end:
            return
        if at >= start:
            yield at
        index += 1


def next_occurrence(schedule: Schedule, repeat: Repeat, not_before: datetime) -> datetime:
    """The first occurrence of a series at or after `not_before`."""
    return next(occurrences(schedule, repeat, not_before, datetime.max.replace(tzinfo=UTC)))


def same_series(instant: datetime, schedule: Schedule, repeat: Repeat) -> bool:
    """Whether an instant is an occurrence: by the wall clock, or by UTC steps from the schedule (how the vendor counts)."""
    step = _STEPS[repeat]
    if (instant - schedule.instant) % step == timedelta(0):
        return True
    near = occurrences(schedule, repeat, instant, instant + timedelta(milliseconds=1))
    return next(near, None) == instant


def _index_before(schedule: Schedule, repeat: Repeat, start: datetime) -> int:
    """An index whose occurrence is not after `start`, and close to it."""
    if repeat is Repeat.NONE:
        return 0
    return (start - schedule.instant - _LARGEST_SHIFT) // _STEPS[repeat]


def _occurrence(schedule: Schedule, repeat: Repeat, index: int) -> datetime:
    if index == 0:
        return schedule.instant.astimezone(UTC)
    step = _STEPS[repeat] * index
    if schedule.timezone is None:
        return schedule.instant.astimezone(UTC) + step
    zone = ZoneInfo(schedule.timezone)
    wall = schedule.instant.astimezone(zone).replace(tzinfo=None, fold=0) + step
    # fold=0 gives the earlier of two, and for a skipped time the offset before the gap: forward by the gap.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
