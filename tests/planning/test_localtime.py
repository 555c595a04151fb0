"""Wall clocks against an oracle that walks through the minutes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.definition import Repeat, Schedule
from msgflash_gitops.planning.localtime import (
    LocalTimeError,
    exists,
    is_ambiguous,
    next_occurrence,
    occurrences,
    same_series,
    to_instant,
)

ZONES = ["Europe/Paris", "America/New_York", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata", "UTC"]
# Sao Paulo gave up summer time in 2019: years on both sides.
walls = st.datetimes(
    min_value=datetime.fromisoformat("2015-01-01"), max_value=datetime.fromisoformat("2035-01-01")
).map(lambda wall: wall.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES).map(ZoneInfo)
series = st.sampled_from([Repeat.DAILY, Repeat.WEEKLY])


def showing(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which the zone's clocks show this time: an hour has at most a few offsets to try."""
    around = wall.replace(tzinfo=UTC)
    tried = (around + timedelta(minutes=15 * quarters) for quarters in range(-14 * 4, 14 * 4 + 1))
    return [at for at in tried if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall]


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[datetime, ZoneInfo]:
    """Times within two hours of a change of the clocks, where the zone has one in that year."""
    zone = draw(zones)
    day = datetime(draw(st.integers(2015, 2034)), 1, 1, tzinfo=UTC)
    changes = []
    for _ in range(365):
        if day.astimezone(zone).utcoffset() != (day + timedelta(days=1)).astimezone(zone).utcoffset():
            changes.append(day)
        day += timedelta(days=1)
    start = draw(st.sampled_from(changes)) if changes else day
    wall = start.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(minutes=15 * draw(st.integers(-8, 128)))
    return wall, zone


@given(st.one_of(near_a_change(), st.tuples(walls, zones)))
def test_a_wall_time_is_shown_never_once_or_twice(case: tuple[datetime, ZoneInfo]) -> None:
    wall, zone = case
    wall = wall.replace(minute=wall.minute // 15 * 15)
    shown = showing(wall, zone)
    assert exists(wall, zone) == bool(shown)
    assert is_ambiguous(wall, zone) == (len(shown) == 2)
    if not shown:
        with pytest.raises(LocalTimeError) as refused:
            to_instant(wall, zone)
        assert refused.value.rule == "time-nonexistent"
    elif len(shown) == 2:
        with pytest.raises(LocalTimeError) as refused:
            to_instant(wall, zone)
        assert refused.value.rule == "time-ambiguous"
        assert [to_instant(wall, zone, fold) for fold in (0, 1)] == shown
    else:
        assert [to_instant(wall, zone)] == shown


@given(walls, st.sampled_from(ZONES), series, st.integers(0, 800), st.integers(1, 400))
def test_a_series_keeps_its_wall_time(wall: datetime, name: str, repeat: Repeat, skip: int, days: int) -> None:
    zone = ZoneInfo(name)
    schedule = Schedule(wall.replace(tzinfo=zone).astimezone(UTC), name)
    first = schedule.instant.astimezone(zone).replace(tzinfo=None, fold=0)
    begin = schedule.instant + timedelta(days=skip)
    found = list(occurrences(schedule, repeat, begin, begin + timedelta(days=days)))
    step = timedelta(days=1 if repeat is Repeat.DAILY else 7)
    assert abs(len(found) - timedelta(days=days) / step) <= 1
    assert found == sorted(set(found))
    for at in found:
        assert begin <= at < begin + timedelta(days=days)
        local = at.astimezone(zone).replace(tzinfo=None, fold=0)
        moved = (local - first) % step
        assert moved == timedelta(0) or not exists(local - moved, zone), (local, first)
        assert same_series(at, schedule, repeat)
    assert next_occurrence(schedule, repeat, begin) == next(
        occurrences(schedule, repeat, begin, datetime.max.replace(tzinfo=UTC))
    )


@given(walls, series, st.integers(0, 3000))
def test_without_a_zone_a_series_counts_hours(wall: datetime, repeat: Repeat, steps: int) -> None:
    schedule = Schedule(wall.replace(tzinfo=UTC))
    step = timedelta(days=1 if repeat is Repeat.DAILY else 7)
    at = schedule.instant + step * steps
    assert next_occurrence(schedule, repeat, at) == at
    assert same_series(at, schedule, repeat)
    assert not same_series(at + timedelta(minutes=1), schedule, repeat)


def test_a_single_send_has_one_occurrence() -> None:
    schedule = Schedule(datetime(2031, 4, 15, 7, tzinfo=UTC), "Europe/Paris")
    year = timedelta(days=365)
    assert list(occurrences(schedule, Repeat.NONE, schedule.instant - year, schedule.instant + year)) == [
        schedule.instant
    ]
    assert list(occurrences(schedule, Repeat.NONE, schedule.instant + year, schedule.instant + 2 * year)) == []
