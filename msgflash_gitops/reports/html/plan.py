"""The page that a reviewer reads before a plan is applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.plan import Action, Plan
from msgflash_gitops.planning.words import duration_words, moment_words
from msgflash_gitops.reports.bubble import Message
from msgflash_gitops.reports.html.render import render
from msgflash_gitops.reports.html.timeline import timeline
from msgflash_gitops.reports.review import Item, Review, Side, reach
from msgflash_gitops.reports.words import ledger_words, seen_words, value_words, world_words

_COUNTED = {
    Action.CREATE: "new",
    Action.REPLACE: "replaced",
    Action.STOP: "stopped",
    Action.PAUSE: "paused",
    Action.RESUME: "brought back",
    Action.LATE: "too late",
    Action.BLOCKED: "blocked",
    Action.UNCHANGED: "unchanged",
    Action.FINISHED: "sent already",
    Action.PAST: "past",
}
_MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message to draw: what it is called, what stands in its corner, and how words that only it has are marked."""

    title: str
    message: Message
    clock: str
    changed: str


@dataclass(frozen=True, slots=True)
class Section:
    anchor: str
    word: str
    item: Item
    facts: tuple[tuple[str, str, str | None], ...]
    bubbles: tuple[Bubble, ...]
    missed: tuple[str, ...]


def plan_html(seen: Review, live: Sequence[LiveCampaign], digest: str, requests: int) -> str:
    """The whole page. `live`: the listing that the plan was made from."""
    anchors = {id(item): f"change-{number}" for number, item in enumerate((*seen.items, *seen.quiet), 1)}
    plan = seen.plan
    by_key: dict[str, str] = {}
    for item in (*seen.items, *seen.quiet):
        by_key.setdefault(item.change.key, anchors[id(item)])
    return render(
        "plan.html",
        plan=plan,
        title=_title(len(seen.items)),
        reach=reach(seen),
        most_named=_MOST_NAMED,
        counts=[(word, plan.count(action), action.value) for action, word in _COUNTED.items() if plan.count(action)],
        dangers=seen.dangers,
        anchor_of=by_key,
        timeline=timeline(seen, live, anchors),
        sections=[_section(item, anchors[id(item)]) for item in seen.items],
        quiet=[(anchors[id(item)], _COUNTED[item.change.action], item) for item in seen.quiet],
        foot=_foot(plan, digest, requests),
        value_words=value_words,
        seen_words=seen_words,
    )


def _title(changes: int) -> str:
    return "No changes" if not changes else f"{changes} change{'' if changes == 1 else 's'} to look at"


def _section(item: Item, anchor: str) -> Section:
    change = item.change
    gone = change.action in (Action.STOP, Action.PAUSE)
    main = (item.today or item.after) if gone else item.after or item.today
    facts = _facts(main, None if gone else item.today) if main else ()
    zone = change.desired.timezone if change.desired else "UTC"
    missed = tuple(moment_words(each, zone) for each in change.missed)
    return Section(anchor, _COUNTED[change.action], item, facts, tuple(_bubbles(item, gone=gone)), missed)


def _facts(side: Side, today: Side | None) -> tuple[tuple[str, str, str | None], ...]:
    """Name, value, and today's value where it is another one."""
    rows = (
        ("When", side.when, f"{side.when}, {side.far}" if side.far else side.when, today.when if today else None),
        ("To", side.to, side.to, today.to if today else None),
        ("From", side.sender, side.sender, today.sender if today else None),
    )
    return tuple((name, shown, was if was != now else None) for name, now, shown, was in rows)


def _bubbles(item: Item, *, gone: bool) -> list[Bubble]:
    before, after = item.messages()
    if gone:
        shown, side = (before, item.today) if before else (after, item.after)
        return [Bubble("Would not go out any more", shown, _clock(side), "")] if shown else []
    if before is not None and after is not None and before != after:
        return [
            Bubble("Today", before, _clock(item.today), "del"),
            Bubble("After this plan", after, _clock(item.after), "ins"),
        ]
    side = item.after or item.today
    shown = after or before
    return [Bubble("What people see", shown, _clock(side), "")] if shown else []


def _clock(side: Side | None) -> str:
    """The time that stands in the corner of a bubble."""
    if side is None or side.at is None:
        return ""
    words = side.when.split(" ")
    return words[2] if len(words) > 2 else ""


def _foot(plan: Plan, digest: str, requests: int) -> list[tuple[str, str]]:
    facts = [("Made", _utc(plan.made_at)), ("Commit", plan.commit or "not in a git checkout"), ("Plan digest", digest)]
    if plan.valid_until is not None:
        left = duration_words(plan.valid_until - plan.made_at)
        facts.append(("Can be applied until", f"{_utc(plan.valid_until)}, {left} after it was made"))
    facts += [("Requests to the API", str(requests)), ("The account", world_words(plan))]
    return [*facts, ("Ledger", ledger_words(plan))] if ledger_words(plan) else facts


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%a %Y-%m-%d %H:%M UTC")
