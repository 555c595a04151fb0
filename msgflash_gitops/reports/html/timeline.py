"""The sends of a plan beside those that the account has already, in the order in which they go out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from msgflash_gitops.model.campaign import ACTIVE, LiveCampaign
from msgflash_gitops.model.definition import Repeat, Schedule
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.plan import Action
from msgflash_gitops.planning.localtime import next_occurrence
from msgflash_gitops.planning.words import moment_words
from msgflash_gitops.reports.review import Item, Review, Side, Sides

AROUND = timedelta(days=7)
_MARGIN = timedelta(hours=12)
_TICKS = 5
_STATES = {
    Action.CREATE: ("new", "new"),
    Action.REPLACE: ("changed", "changed"),
    Action.RESUME: ("brought back", "changed"),
    Action.STOP: ("stopped", "gone"),
    Action.PAUSE: ("paused", "gone"),
    Action.LATE: ("too late", "gone"),
    Action.BLOCKED: ("blocked", "gone"),
}
_LEGEND = {
    "new": "new",
    "changed": "changed or brought back",
    "gone": "not sent any more, or not at all",
    "there": "already scheduled",
    "other": "not managed in git",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One send. `look` is new, changed, gone, there or other; `anchor` names its section, where it has one."""

    at: datetime
    side: Side
    state: str
    look: str
    anchor: str | None = None

    @property
    def repeats(self) -> bool:
        return ", then " in self.side.when


@dataclass(frozen=True, slots=True)
class Day:
    words: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A place in the picture; `across` and `until` in percent of its width, `down` in pixels. `until` ends a series' bar."""

    across: str
    down: int
    look: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    lanes: tuple[tuple[int, str], ...]
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[str, str, str], ...]
    height: int


@dataclass(frozen=True, slots=True)
class Timeline:
    timezone: str
    days: tuple[Day, ...]
    picture: Picture | None
    legend: tuple[tuple[str, str], ...] = ()


def timeline(seen: Review, live: Sequence[LiveCampaign], anchors: dict[int, str]) -> Timeline:
    """The plan's sends, and what the account sends from a week before the first of them to a week after the last."""
    sides = Sides(seen.plan, live)
    planned = list(_planned(seen.items, anchors))
    if not planned:
        return Timeline(sides.timezone, (), None)
    first, last = min(each.at for each in planned) - AROUND, max(each.at for each in planned) + AROUND
    around = [each for each in _around(seen, live, sides, anchors) if first <= each.at <= last]
    entries = sorted([*planned, *around], key=lambda each: (each.at, each.side.name))
    zone = ZoneInfo(sides.timezone)
    days = groupby(entries, key=lambda each: each.at.astimezone(zone).date())
    listed = tuple(Day(f"{day:%A} {day.day} {day:%B %Y}", tuple(found)) for day, found in days)
    looks = {each.look for each in entries}
    legend = tuple((look, words) for look, words in _LEGEND.items() if look in looks)
    return Timeline(sides.timezone, listed, _picture(entries, zone), legend)


def _planned(items: Iterable[Item], anchors: dict[int, str]) -> Iterator[Entry]:
    for item in items:
        gone = item.change.action in (Action.STOP, Action.PAUSE)
        side = item.today or item.after if gone else item.after
        if side is not None and side.at is not None:
            state, look = _STATES[item.change.action]
            held = f"{state}, held" if item.change.held else state
            yield Entry(side.at, side, held, look, anchors.get(id(item)))


def _around(seen: Review, live: Sequence[LiveCampaign], sides: Sides, anchors: dict[int, str]) -> Iterator[Entry]:
    """What goes out without this plan; of a series, its next occurrence."""
    known = {item.change.current.id for item in (*seen.items, *seen.quiet) if item.change.current}
    known |= {each.id for each in seen.plan.superseded}
    now = seen.plan.made_at
    for item in seen.quiet:
        one = item.change.desired
        if item.change.action is Action.UNCHANGED and item.after is not None and one is not None:
            side = _next(item.after, one.fields.get("repeat"), one.series_timezone, one.timezone, now)
            yield from _entry(side, "already scheduled", "there", anchors.get(id(item)))
    for each in live:
        if each.id not in known and each.status in ACTIVE:
            side = _next(sides.today(each, sides.timezone), each.fields.get("repeat"), None, sides.timezone, now)
            yield from _entry(side, "not managed in git", "other", None)


def _entry(side: Side, state: str, look: str, anchor: str | None) -> Iterator[Entry]:
    if side.at is not None:
        yield Entry(side.at, side, state, look, anchor)


def _next(side: Side, repeat: Json, series_zone: str | None, zone: str, now: datetime) -> Side:
    """A series that began before `now`, at its next occurrence."""
    if side.at is None or side.at >= now or repeat not in (Repeat.DAILY, Repeat.WEEKLY):
        return side
    at = next_occurrence(Schedule(side.at, series_zone), Repeat(str(repeat)), now)
    return replace(side, at=at, when=f"{moment_words(at, zone)}, then {repeat}")


def _picture(entries: Sequence[Entry], zone: ZoneInfo) -> Picture:
    first, last = entries[0].at - _MARGIN, entries[-1].at + _MARGIN
    names = list(dict.fromkeys(each.side.sender for each in entries))
    lanes = {name: 34 + 44 * number for number, name in enumerate(names)}

    def across(at: datetime) -> str:
        return f"{2 + 96 * ((at - first) / (last - first)):.2f}"

    dots = tuple(
        Dot(across(each.at), lanes[each.side.sender], each.look, across(last) if each.repeats else None)
        for each in entries
    )
    step = (last - first) / (_TICKS - 1)
    form = "%b %H:%M" if last - first < timedelta(days=_TICKS) else "%b %Y"
    ticks = []
    for number in range(_TICKS):
        at = (first + step * number).astimezone(zone)
        anchor = "start" if number == 0 else "end" if number == _TICKS - 1 else "middle"
        ticks.append((across(at), anchor, f"{at.day} {at.strftime(form)}"))
    return Picture(tuple((down, name) for name, down in lanes.items()), dots, tuple(ticks), 34 + 44 * len(names))
