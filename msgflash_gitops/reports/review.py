"""A plan as a reviewer looks at it: for each change what people get today and what they would get, and what is dangerous in it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import SENDING, Action, Change, Desired, Flag, InstanceRef, Plan
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.planning.words import duration_words, moment_words
from msgflash_gitops.reports.bubble import Message, compare, message_of
from msgflash_gitops.reports.words import instance_words, recipients_words

QUIET = (Action.UNCHANGED, Action.FINISHED, Action.PAST)
_SOON = timedelta(hours=24)
_HIDDEN = "MsgFlash does not show the title, description, footer and buttons of a campaign that exists"


@dataclass(frozen=True, slots=True)
class Side:
    """One campaign in words. `audience`: how many contacts, where known. `far`: how far away it is. `unknown`: of its message, in words."""

    name: str
    at: datetime | None
    when: str
    far: str
    to: str
    audience: int | None
    everyone: bool
    sender: str
    content: JsonObject
    unknown: tuple[str, ...] = ()

    @property
    def message(self) -> Message:
        """Read anew each time: a plan may hold thousands, and a comment shows a few."""
        return replace(message_of(self.content), unknown=self.unknown)


@dataclass(frozen=True, slots=True)
class Item:
    """A change with both of its sides. `today` None: nothing is there, or the account's listing was not at hand."""

    change: Change
    today: Side | None
    after: Side | None

    @property
    def sends(self) -> bool:
        """Whether carrying it out leads to messages that would not go out without it."""
        desired = self.change.desired
        return self.change.action in SENDING and desired is not None and not desired.paused

    def messages(self) -> tuple[Message | None, Message | None]:
        """Today's and the one after; where there are both, with the words marked that only one of them has."""
        before = self.today.message if self.today else None
        after = self.after.message if self.after else None
        return compare(before, after) if before and after else (before, after)


@dataclass(frozen=True, slots=True)
class Danger:
    """What a reviewer must not miss. `final`: it cannot be taken back. `campaigns`: key and, for sends, who gets it."""

    title: str
    text: str
    campaigns: tuple[tuple[str, str], ...]
    final: bool


@dataclass(frozen=True, slots=True)
class Review:
    plan: Plan
    items: tuple[Item, ...]
    quiet: tuple[Item, ...]
    dangers: tuple[Danger, ...]


def review(plan: Plan, live: Sequence[LiveCampaign] = ()) -> Review:
    """`live`: the listing that the plan was made from."""
    sides = Sides(plan, live)
    items = [Item(change, *sides.of(change)) for change in plan.changes]
    return Review(
        plan,
        tuple(item for item in items if item.change.action not in QUIET),
        tuple(item for item in items if item.change.action in QUIET),
        tuple(_dangers(plan, items)),
    )


class Sides:
    """Turns ids of the account back into the labels that the plan knows."""

    def __init__(self, plan: Plan, live: Sequence[LiveCampaign]) -> None:
        self._plan = plan
        self._live = {each.id: each for each in live}
        self._instances = {one.instance.id: one.instance for one in plan.desired}
        self._contents = {one.content["templateId"]: one.content for one in plan.desired if "templateId" in one.content}
        self._groups = {
            one.recipients["groupId"]: one.recipients for one in plan.desired if "groupId" in one.recipients
        }
        zones = Counter(one.timezone for one in plan.desired)
        self.timezone = max(sorted(zones), key=lambda zone: zones[zone], default="UTC")

    def of(self, change: Change) -> tuple[Side | None, Side | None]:
        """What is there today, and what the change leads to."""
        desired = change.desired
        zone = desired.timezone if desired else self.timezone
        found = self._live.get(change.current.id) if change.current else None
        return self.today(found, zone) if found else None, self.after(change, desired) if desired else None

    def after(self, change: Change, desired: Desired) -> Side:
        at = change.start or desired.anchor
        repeat = str(desired.fields.get("repeat")) if desired.repeats else None
        return self._side(
            desired.name,
            (at, desired.timezone, _series(repeat, desired.until, desired.timezone)),
            desired.recipients,
            desired.instance,
            desired.content,
        )

    def today(self, live: LiveCampaign, timezone: str) -> Side:
        fields = live.fields
        recipients, instance = fields.get("recipients"), fields.get("instanceId")
        shown = recipients if isinstance(recipients, Mapping) else {}
        repeat = fields.get("repeat")
        return self._side(
            read_marker(live.name)[0],
            (
                instant_of(live),
                timezone,
                _series(str(repeat) if repeat not in (None, "none") else None, None, timezone),
            ),
            self._groups.get(shown.get("groupId"), shown) if shown.get("type") == "group" else shown,
            self._instances.get(str(instance), InstanceRef(str(instance), f"instance {instance}")),
            *self._live_content(fields),
        )

    def _live_content(self, fields: JsonObject) -> tuple[JsonObject, tuple[str, ...]]:
        """And what is not known of it."""
        template = fields.get("templateId")
        if template:
            known = self._contents.get(template)
            content = {**(known or {"templateId": template}), "variables": fields.get("variables")}
            return content, () if known else ("the text of its template",)
        hidden = fields.get("type") == "buttons" and "buttons" not in fields
        return {name: value for name, value in fields.items() if value is not None}, (_HIDDEN,) if hidden else ()

    def _side(
        self,
        name: str,
        time: tuple[datetime | None, str, str],
        recipients: JsonObject,
        instance: InstanceRef,
        content: JsonObject,
        unknown: tuple[str, ...] = (),
    ) -> Side:
        at, timezone, series = time
        return Side(
            name=name,
            at=at,
            when=moment_words(at, timezone) + series if at else "at an unknown time",
            far=far_words(at, self._plan.made_at) if at else "",
            to=audience_words(recipients),
            audience=audience_of(recipients),
            everyone=recipients.get("type") == "all",
            sender=instance_words(instance),
            content=content,
            unknown=unknown,
        )


def reach(seen: Review) -> str:
    """How many people the plan's sends reach, as far as that is known."""
    sides = [item.after for item in seen.items if item.sends and not item.change.held and item.after]
    if not sides:
        return "Nothing new would be sent."
    known = [side.audience for side in sides if side.audience is not None]
    sends = f"{len(sides)} send{'s' if len(sides) > 1 else ''}"
    counted = f"{sum(known)} contact{'' if sum(known) == 1 else 's'}"
    if len(known) == len(sides):
        return f"{sends}, to {counted} in all."
    rest = len(sides) - len(known)
    unknown = f"{rest} audience{'s' if rest > 1 else ''} whose size is not known."
    return f"{sends}: {counted} counted, and {unknown}" if known else f"{sends}: {unknown}"


def instant_of(live: LiveCampaign) -> datetime | None:
    """When a live campaign starts, where the account shows it."""
    schedule = live.fields.get("schedule")
    try:
        return parse_instant(schedule) if isinstance(schedule, str) else None
    except ValueError:
        return None


def far_words(at: datetime, now: datetime) -> str:
    distance = at - now
    return f"in {duration_words(distance)}" if distance >= timedelta(0) else f"{duration_words(-distance)} ago"


def audience_of(recipients: JsonObject) -> int | None:
    """How many contacts, where the account or the definition tells."""
    count: Json = recipients.get("count")
    if isinstance(count, int) and not isinstance(count, bool):
        return count
    values = recipients.get("value")
    return len(values) if recipients.get("type") == "explicit" and isinstance(values, list | tuple) else None


def audience_words(recipients: JsonObject) -> str:
    """Who gets it, with their number or the remark that nobody knows it."""
    if not recipients:
        return "recipients not shown"
    words, count = recipients_words(recipients), audience_of(recipients)
    if count is None:
        return f"{words} (size not known)"
    return words if str(count) in words else f"{words} ({count} contacts)"


def _series(repeat: str | None, until: datetime | None, timezone: str) -> str:
    end = f" until {moment_words(until, timezone)}" if until else ""
    return f", then {repeat}{end}" if repeat else ""


def _dangers(plan: Plan, items: Sequence[Item]) -> Iterator[Danger]:
    """The worst first."""
    by_flag = {flag: [item for item in items if item.change.held and item.change.held_by is flag] for flag in Flag}
    loud = [item for item in items if item.sends]
    free = [item for item in loud if not item.change.held]
    groups = (
        ("To everybody", "all contacts of the account get it", [i for i in loud if i.after and i.after.everyone]),
        (
            "Being sent now",
            "it would be replaced, and who got it already gets the new one too",
            [i for i in items if i.change.held_by is Flag.ALLOW_RUNNING],
        ),
        ("Brought back", "somebody paused it in the account", [i for i in items if i.change.action is Action.RESUME]),
        ("Within 24 hours", "it starts that soon", [i for i in free if _starts_soon(i, plan.made_at)]),
        ("New", "once it starts, nobody can take it back", [i for i in free if i.change.action is Action.CREATE]),
    )
    yield from (_danger(title, text, found, final=True) for title, text, found in groups if found)
    yield from (_danger(title, text, found) for title, text, found in _remarks(items) if found)
    for flag, found in by_flag.items():
        if found:
            yield _danger(f"Held until {flag}", "apply leaves it alone", found)


def _remarks(items: Sequence[Item]) -> tuple[tuple[str, str, list[Item]], ...]:
    stops = [item for item in items if item.change.action is Action.STOP]
    return (
        ("Too late", "probably missed, and not sent", [i for i in items if i.change.action is Action.LATE]),
        (
            "Blocked",
            "no flag helps, its definition must change",
            [i for i in items if i.change.action is Action.BLOCKED],
        ),
        ("Not connected", "its instance cannot send now", [i for i in items if _not_connected(i)]),
        ("Prepared", "created and paused at once, nothing goes out yet", [i for i in items if _prepared(i)]),
        ("Stopped", "nobody gets it any more", [i for i in stops if not i.change.duplicate]),
        ("Live twice", "all copies but one are stopped", [i for i in stops if i.change.duplicate]),
        (
            "Waived",
            "a rule does not apply to it",
            [i for i in items if i.sends and i.change.desired and i.change.desired.waivers],
        ),
    )


def _danger(title: str, text: str, items: Sequence[Item], *, final: bool = False) -> Danger:
    named = tuple(
        (item.change.key, item.after.to if item.after and (final or _prepared(item)) else "") for item in items
    )
    return Danger(title, text, named, final)


def _prepared(item: Item) -> bool:
    return item.change.creates and item.change.desired is not None and item.change.desired.paused


def _starts_soon(item: Item, now: datetime) -> bool:
    return item.after is not None and item.after.at is not None and item.after.at - now < _SOON


def _not_connected(item: Item) -> bool:
    desired = item.change.desired
    return item.sends and desired is not None and desired.instance.status not in (None, "connected")
