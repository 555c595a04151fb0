"""What a change of definitions means: for a terminal, and the words that the other formats share."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgflash_gitops.model.definition import Definition, Repeat
from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import FieldChange
from msgflash_gitops.planning.meaning import REMARKS, shown_content, shown_recipients
from msgflash_gitops.planning.revision import Comparison, Kind, Revised
from msgflash_gitops.planning.words import duration_words, moment_words
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.findings import findings_text
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.words import content_lines, recipients_words, value_words

# Shown as when, from, to and as the message itself.
IN_WORDS = frozenset({"schedule", "repeat", "timezone", "until", "instance", "recipients"})
IN_MESSAGE = frozenset({"body", "mediaUrl", "title", "description", "footer", "buttons"})
_MOST_COMPARED = 2_000
_SIGNS = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.RENAMED: "»", Kind.REMOVED: "-", Kind.INCOMPARABLE: "!"}
_INSTANTS = ("schedule", "until")


@dataclass(frozen=True, slots=True)
class Sight:
    """One side of a campaign in words. `far`: how far away its (first) send is."""

    name: str
    when: str
    far: str
    to: str
    sender: str
    everyone: bool
    content: JsonObject
    source: str


def sight_of(one: Definition, seen: Comparison) -> Sight:
    """In the zone in which the schedule was written, or the project's."""
    zone = one.schedule.timezone or seen.timezone
    recipients = shown_recipients(one.recipients)
    return Sight(
        name=one.name,
        when=moment_words(one.schedule.instant, zone) + _series(one, zone),
        far=_far(one.schedule.instant, seen.made_at),
        to=recipients_words(recipients),
        sender=plain(one.instance),
        everyone=recipients.get("type") == "all",
        content=shown_content(one),
        source=str(one.source.at()),
    )


def counts_words(seen: Comparison) -> str:
    """`1 added, 2 changed (1 send moves), 3 unchanged`: what is zero is left out."""
    revision = seen.revision
    moves = f" ({revision.moved} send{'s move' if revision.moved > 1 else ' moves'})" if revision.moved else ""
    words = {kind: kind.value for kind in Kind} | {Kind.INCOMPARABLE: "not comparable"}
    counted = [(revision.count(kind), words[kind]) for kind in Kind]
    parts = [f"{number} {word}" for number, word in counted if number]
    text = (", ".join(parts) or "nothing changed") + moves
    return f"{text}, {revision.unchanged} unchanged" if revision.unchanged else text


def base_words(seen: Comparison) -> str:
    """`0123abcd4567 (the merge base with origin/main)`, and what is there now."""
    now = f", now {plain(seen.commit[:12])}{'+dirty' if seen.commit.endswith('+dirty') else ''}" if seen.commit else ""
    return f"{plain(seen.base[:12])} ({plain(seen.how)}){now}"


def move_words(moved_by: timedelta) -> str:
    return f"{duration_words(abs(moved_by))} {'later' if moved_by > timedelta(0) else 'earlier'}"


def advice(one: Revised) -> list[str]:
    """What a reviewer should know that the fields do not say."""
    if one.kind is Kind.INCOMPARABLE:
        return [f"cannot be compared: {one.reason}"]
    if one.lookalike is not None:
        return [
            f"looks like {one.lookalike!r}, which is gone: apply stops that one and creates this one anew; to keep it, "
            f"add `renamed_from: {one.lookalike}`"
        ]
    if one.kind is Kind.REMOVED:
        return ["apply stops it where it has not been sent yet"]
    if one.kind is Kind.ADDED and one.after is not None and one.after.paused:
        return ["it is created and paused at once: nothing is sent until `paused` is removed"]
    if one.kind in (Kind.CHANGED, Kind.RENAMED):
        return _advice_on_fields(one)
    return []


def _advice_on_fields(one: Revised) -> list[str]:
    if {each.field for each in one.differences} <= REMARKS:
        return ["what people get stays the same"]
    for each in one.differences:
        if each.field == "paused":
            return ["apply pauses it" if each.after else "apply brings it back once --allow-resume is given"]
    return []


def field_words(change: FieldChange, one: Revised, seen: Comparison) -> str:
    """`body: "before" → "after"`; instants in the zone of each side."""
    sides = ((change.before, one.before), (change.after, one.after))
    before, after = (_value(change.field, value, side, seen) for value, side in sides)
    return f"{plain(change.field)}: {before} → {after}"


def other_fields(one: Revised) -> list[FieldChange]:
    """Those that are not shown otherwise already."""
    return [each for each in one.differences if each.field not in IN_WORDS | IN_MESSAGE]


def message_changed(one: Revised) -> bool:
    return any(each.field in IN_MESSAGE or each.field == "type" for each in one.differences)


def message_lines(content: JsonObject) -> list[str]:
    """The message as it was written, behind a line that names its kind."""
    template = content.get("template") or content.get("templateId")
    return content_lines({**content, "templateId": template, "template": template} if template else content)


def diff_text(seen: Comparison, style: Style) -> str:
    """Everything that changed, in full; the verdict last."""
    lines = [f"Since {base_words(seen)}, project {style.bold(plain(seen.project))}", ""]
    if not seen.base_has_project:
        lines += [style.yellow("! the base has no msgflash.yaml here: everything is new"), ""]
    for each in seen.revision.project:
        lines.append(style.red(f"! msgflash.yaml: {plain(each.field)}: {_plain_change(each.before, each.after)}"))
        lines.append(_row("", plain(each.meaning)))
    lines += [""] if seen.revision.project else []
    for one in seen.revision.campaigns:
        lines += [*_campaign(one, seen, style), ""]
    text = "\n".join(lines) + "\n"
    text += "".join(f"in the base: {line}\n" for line in findings_text(seen.base_problems, style).splitlines())
    return f"{text}{findings_text(seen.problems, style)}{style.bold(f'Diff: {counts_words(seen)}.')}\n"


def _campaign(one: Revised, seen: Comparison, style: Style) -> Iterator[str]:
    paint = {Kind.ADDED: style.green, Kind.REMOVED: style.red, Kind.INCOMPARABLE: style.red}.get(one.kind, style.yellow)
    definition = one.after or one.before
    name = f"  {plain(definition.name)}" if definition else ""
    was = f"  (was {plain(one.previous_key)})" if one.previous_key else ""
    yield f"{paint(f'{_SIGNS[one.kind]} {one.kind.value:<8}')} {style.bold(plain(one.key))}{name}{was}"
    yield from (style.yellow(_row("note", plain(each))) for each in advice(one))
    sides = [sight_of(each, seen) if each else None for each in (one.before, one.after)]
    yield from _facts(sides[0], sides[1], one)
    yield from (_row("changes", field_words(each, one, seen)) for each in other_fields(one))
    yield from _message(sides[0], sides[1], one, style)
    if definition is not None:
        yield _row("source", plain(definition.source.at()))


def _facts(before: Sight | None, after: Sight | None, one: Revised) -> Iterator[str]:
    now, then = after or before, before if after else None
    if now is None:
        return
    moved = f", {move_words(one.moved_by)}" if one.moved_by else ""
    verb = "sends" if after else "sent"
    if then is not None and then.when != now.when:
        yield _row(verb, f"{then.when} → {now.when}, {now.far}{moved}")
    else:
        yield _row(verb, f"{now.when}, {now.far}")
    for title, was, words in (("from", then and then.sender, now.sender), ("to", then and then.to, now.to)):
        yield _row(title, words if was in (None, words) else f"{was} → {words}")


def _message(before: Sight | None, after: Sight | None, one: Revised, style: Style) -> Iterator[str]:
    """Line by line where it changed; whole where it is new or gone; only its kind where it stays."""
    old, new = (message_lines(each.content) if each else [] for each in (before, after))
    if not old or not new or not message_changed(one):
        shown = new or old
        rows = shown if not (old and new) else shown[:1]
        yield from (_row("content" if number == 0 else "", line) for number, line in enumerate(rows))
        return
    for number, (sign, line) in enumerate(_compared(old, new)):
        paint = {"-": style.red, "+": style.green}.get(sign, str)
        yield paint(_row("content" if number == 0 else "", f"{sign} {line}"))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    if max(len(old), len(new)) > _MOST_COMPARED:
        yield from (("-", line) for line in old)
        yield from (("+", line) for line in new)
        return
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from ((" ", line) for line in old[a:b])
        else:
            yield from (("-", line) for line in old[a:b])
            yield from (("+", line) for line in new[c:d])


def _value(name: str, value: Json, side: Definition | None, seen: Comparison) -> str:
    if name in _INSTANTS and isinstance(value, str) and side is not None:
        return moment_words(parse_instant(value), side.schedule.timezone or seen.timezone)
    return _list_words(value)


def _plain_change(before: Json, after: Json) -> str:
    return f"{_list_words(before)} → {_list_words(after)}"


def _list_words(value: Json) -> str:
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(plain(each) for each in value) or "none"
    return value_words(value)


def _series(one: Definition, zone: str) -> str:
    if one.repeat is Repeat.NONE:
        return ""
    until = f" until {moment_words(one.until, zone)}" if one.until else ""
    return f", then {one.repeat.value}{until}"


def _far(at: datetime, now: datetime) -> str:
    distance = at - now
    return f"in {duration_words(distance)}" if distance >= timedelta(0) else f"{duration_words(-distance)} ago"


def _row(title: str, text: str) -> str:
    return f"           {title:<8} {text}"
