"""A plan as a comment on a pull request: what would be sent, to whom, when, from which number, and what is dangerous in it.

A comment ends at 65,536 characters. Everything is therefore made to fit: first the changes are shown whole, then the less important ones
in one line, then those are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.plan import Action, Change, Plan
from msgflash_gitops.planning.words import duration_words, moment_words
from msgflash_gitops.reports.bubble import Message
from msgflash_gitops.reports.markdown import code, comment, line, text
from msgflash_gitops.reports.markdown_bubble import bubble
from msgflash_gitops.reports.plan_text import summary_line
from msgflash_gitops.reports.review import Danger, Item, Review, Side, reach
from msgflash_gitops.reports.words import ledger_words, seen_words, value_words, world_words

LARGEST = 60_000
_SPARE = 600
_NAMED = 8
_MOST_LINES = 12
_LONGEST_TEXT = 200
_VERBS = {
    Action.CREATE: "New",
    Action.REPLACE: "Replaced",
    Action.STOP: "Stopped",
    Action.PAUSE: "Paused",
    Action.RESUME: "Brought back",
    Action.LATE: "Too late",
    Action.BLOCKED: "Blocked",
    Action.UNCHANGED: "unchanged",
    Action.FINISHED: "sent already",
    Action.PAST: "past",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What the foot of the comment says besides the plan. `full`: where the whole report is, in words."""

    digest: str
    requests: int = 0
    full: str = "run `msgflash-gitops plan`, or save it with `--html FILE`"


def plan_markdown(seen: Review, context: Context) -> str:
    """Never longer than LARGEST, in characters and in bytes."""
    head, foot = _head(seen), _foot(seen.plan, context)
    room = LARGEST - _SPARE - _size(head) - _size(foot)
    quiet = _folded(
        f"{len(seen.quiet)} without a change", [_quiet_line(item) for item in seen.quiet], room // 4, context
    )
    remarks = _folded("Warnings and remarks", _remarks(seen.plan), room // 4, context)
    changes = _changes(seen, room - _size(quiet) - _size(remarks), context)
    return "\n".join(part for part in (head, changes, remarks, quiet, foot) if part) + "\n"


def _head(seen: Review) -> str:
    plan = seen.plan
    nothing = not seen.items
    title = "no changes" if nothing else summary_line(plan)
    held = f", {plan.held} held" if plan.held else ""
    lines = [
        f"<!-- msgflash-gitops plan {comment(plan.project[:64])} {comment(plan.workspace[:64])} -->",
        f"## MsgFlash plan: {title}{held}",
        "",
        f"Project {code(_cut(plan.project, 64))}, workspace {code(_cut(plan.workspace, 64))}. **{reach(seen)}**",
        "",
    ]
    if nothing:
        lines += [f"The account is what git says ({summary_line(plan)}).", ""]
    final = [each for each in seen.dangers if each.final]
    other = [each for each in seen.dangers if not each.final]
    lines += _alert("CAUTION", "Cannot be taken back", final) + _alert("WARNING", "Look at this", other)
    return "\n".join(lines)


def _alert(kind: str, title: str, dangers: Sequence[Danger]) -> list[str]:
    if not dangers:
        return []
    rows = [
        f"> - **{text(each.title)} ({len(each.campaigns)}):** {text(each.text)}: {_named(each.campaigns)}"
        for each in dangers
    ]
    return [f"> [!{kind}]", f"> **{title}**", ">", *rows, ""]


def _named(campaigns: Sequence[tuple[str, str]]) -> str:
    named = [code(_cut(key, 64)) + (f" to {text(_cut(to, 80))}" if to else "") for key, to in campaigns[:_NAMED]]
    more = f" and {len(campaigns) - _NAMED} more" if len(campaigns) > _NAMED else ""
    return "; ".join(named) + more


def _changes(seen: Review, room: int, context: Context) -> str:
    """Whole where there is room, the most important first; the rest in a line each, and then counted."""
    ranked = sorted(seen.items, key=_importance)
    whole = _whole(ranked, room, context)
    rest = [item for item in ranked if id(item) not in whole]
    if rest:
        rows = {id(item): _row(item) for item in ranked}
        whole = _whole(ranked, room - min(sum(_size(row) for row in rows.values()), room // 2), context)
        rest = [item for item in ranked if id(item) not in whole]
    left = room - sum(_size(section) for section in whole.values())
    title = f"{len(rest)} {'more ' if whole else ''}changes, in short"
    short = _folded(title, [rows[id(item)] for item in rest], left, context) if rest else ""
    return "\n".join([*(whole[id(item)] for item in seen.items if id(item) in whole), short])


def _whole(ranked: Sequence[Item], room: int, context: Context) -> dict[int, str]:
    """Sections by the item's identity, until one does not fit."""
    sections: dict[int, str] = {}
    for item in ranked:
        section = _section(item, context)
        room -= _size(section)
        if room < 0:
            break
        sections[id(item)] = section
    return sections


def _importance(item: Item) -> tuple[int, int]:
    """What can do harm, before what cannot; larger audiences first."""
    action = item.change.action
    everyone = item.after is not None and item.after.everyone
    rank = 0 if item.sends and everyone else 1 if item.change.held_by else 2 if item.sends else 3
    rank = 4 if action in (Action.STOP, Action.PAUSE) else rank
    return rank, -(item.after.audience or 0) if item.after else 0


def _section(item: Item, context: Context) -> str:
    change, after, today = item.change, item.after, item.today
    held = f" — held until `{change.held_by}`" if change.held and change.held_by else ""
    lines = [f"### {_VERBS[change.action]}: {text(_cut(change.name))}{held}", ""]
    if change.reason:
        lines.append(f"- **Why:** {text(_cut(change.reason))}")
    if after is not None and change.action not in (Action.STOP, Action.PAUSE):
        lines += _facts(after, today)
    elif today is not None:
        lines += _facts(today, None)
    lines += _remarks_of(change)
    lines += ["", *_messages(item, context), *_details(change), ""]
    return "\n".join(lines)


def _facts(side: Side, other: Side | None) -> list[str]:
    """Of a campaign that changes, each fact that does with what it is today."""
    far = f", {side.far}" if side.far else ""
    rows = [
        ("When", side.when + far, other.when if other else None, side.when),
        ("To", side.to, other.to if other else None, side.to),
        ("From", side.sender, other.sender if other else None, side.sender),
    ]
    return [
        f"- **{title}:** {text(_cut(words))}"
        + (f" (today: <del>{text(_cut(was))}</del>)" if was and was != now else "")
        for title, words, was, now in rows
    ]


def _remarks_of(change: Change) -> list[str]:
    desired = change.desired
    lines = [f"- **Warning:** {text(_cut(each))}" for each in change.warnings[:_MOST_LINES]]
    if desired is None:
        return lines
    if desired.paused and change.creates:
        lines.append("- **Paused:** created, then paused at once; nothing is sent until `paused` is removed")
    lines += [f"- **Waived:** {text(_cut(w.rule))} ({text(_cut(w.reason))})" for w in desired.waivers[:_MOST_LINES]]
    if change.missed:
        missed = "; ".join(moment_words(each, desired.timezone) for each in change.missed)
        lines.append(f"- **Missed:** {text(missed)}")
    return lines


def _messages(item: Item, context: Context) -> list[str]:
    """Once where it stays, before and after where it changes."""
    before, after = item.messages()
    if item.change.action in (Action.STOP, Action.PAUSE):
        shown = before or after
        return _message("Message that would not go out", shown, context) if shown else []
    if before is not None and after is not None and before != after:
        return [
            *_message("Message today", before, context, changed="del"),
            *_message("Message after", after, context, changed="ins"),
        ]
    return _message("Message", after or before, context)


def _message(title: str, message: Message | None, context: Context, *, changed: str = "") -> list[str]:
    if message is None:
        return []
    return [f"**{title}** ({text(message.kind_words)}):", "", *bubble(message, context.full, changed=changed), ""]


def _details(change: Change) -> list[str]:
    places = [f"key {code(_cut(change.key, 64))}"]
    if change.desired is not None:
        places.append(code(_cut(str(change.desired.source))))
    if change.current is not None:
        places.append(
            f"live {code(_cut(change.current.id, 64))}, {text(_cut(change.current.status))}{seen_words(change.current)}"
        )
    lines = [f"<sub>{' · '.join(places)}</sub>", ""]
    if change.differences:
        fields = [
            f"- **{text(_cut(each.field))}**: {text(value_words(each.before))} → {text(value_words(each.after))}"
            for each in change.differences[:_MOST_LINES]
        ]
        lines += ["<details><summary>Fields that differ</summary>", "", *fields, "", "</details>", ""]
    return lines


def _row(item: Item) -> str:
    side = item.after or item.today
    facts = f": {text(_cut(side.when, 60))} · {text(_cut(side.to, 60))}" if side else ""
    held = " (held)" if item.change.held else ""
    return f"- {_VERBS[item.change.action]}{held} {code(_cut(item.change.key, 64))}{facts}"


def _quiet_line(item: Item) -> str:
    change = item.change
    why = f": {text(_cut(change.reason, 80))}" if change.reason else ""
    return f"- {code(_cut(change.key, 64))} {text(_cut(change.name, 60))}, {_VERBS[change.action]}{why}"


def _remarks(plan: Plan) -> list[str]:
    lines = [f"- {line(_cut(notice))}" for notice in plan.notices] + [_finding(each) for each in plan.findings]
    if plan.unmanaged:
        lines.append(f"- Campaigns of the account that are not managed here, and never touched: {plan.unmanaged}.")
    return lines


def _finding(finding: Finding) -> str:
    place = code(_cut(f"{finding.path}:{finding.line}"))
    return f"- {finding.severity.value} at {place} ({text(finding.rule)}): {text(_cut(finding.message))}"


def _folded(title: str, rows: Sequence[str], room: int, context: Context) -> str:
    """A list behind its title, as far as there is room; what is cut is counted, with where to find it."""
    if not rows:
        return ""
    kept: list[str] = []
    left = room - _SPARE // 2
    for row in rows:
        left -= _size(row) + 1
        if left < 0:
            break
        kept.append(row)
    cut = len(rows) - len(kept)
    more = [f"- … and {cut} more, cut to fit a comment. The full report: {context.full}."] if cut else []
    return "\n".join([f"<details><summary>{title}</summary>", "", *kept, *more, "", "</details>", ""])


def _foot(plan: Plan, context: Context) -> str:
    facts = [f"made {code(format_instant(plan.made_at))}"]
    if plan.commit:
        facts.insert(0, f"commit {code(_cut(plan.commit))}")
    facts.append(f"plan digest {code(context.digest)}")
    if plan.valid_until is not None:
        left = duration_words(plan.valid_until - plan.made_at)
        facts.append(f"can be applied until {code(format_instant(plan.valid_until))} ({left})")
    if context.requests:
        facts.append(f"{context.requests} requests")
    facts.append(text(world_words(plan)))
    if ledger_words(plan):
        facts.append(f"ledger {code(ledger_words(plan))}")
    return f"---\n\n<sub>{' · '.join(facts)}</sub>"


def _cut(value: str, longest: int = _LONGEST_TEXT) -> str:
    return value if len(value) <= longest else value[: longest - 1] + "…"


def _size(part: str) -> int:
    """In bytes, which are never fewer than characters; with the line end that joins it."""
    return len(part.encode()) + 1
