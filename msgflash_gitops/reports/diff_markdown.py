"""What a change of definitions means, as a comment on a pull request. It fits in one: the least important is shown in short, then counted."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.planning.revision import Comparison, Kind, Revised
from msgflash_gitops.planning.settings import ProjectChange
from msgflash_gitops.reports.bubble import Message, compare, message_of
from msgflash_gitops.reports.diff import (
    Sight,
    advice,
    counts_words,
    field_words,
    message_changed,
    move_words,
    other_fields,
    sight_of,
)
from msgflash_gitops.reports.markdown import code, comment, text
from msgflash_gitops.reports.markdown_bubble import bubble
from msgflash_gitops.reports.words import value_words

LARGEST = 60_000
_SPARE = 400
_MOST_LINES = 12
_LONGEST_TEXT = 200
_FULL = "run `msgflash-gitops diff`"
_VERBS = {
    Kind.ADDED: "New",
    Kind.CHANGED: "Changed",
    Kind.RENAMED: "Renamed",
    Kind.REMOVED: "Removed",
    Kind.INCOMPARABLE: "Not comparable",
}


def diff_markdown(seen: Comparison) -> str:
    """Never longer than LARGEST, in characters and in bytes."""
    head, foot = _head(seen), _foot(seen)
    room = LARGEST - _SPARE - _size(head) - _size(foot)
    problems = _folded("Problems", list(_problems(seen)), room // 4, opened=not seen.ok)
    room -= _size(problems)
    return "\n".join(part for part in (head, problems, _campaigns(seen, room), foot) if part) + "\n"


def _head(seen: Comparison) -> str:
    lines = [
        f"<!-- msgflash-gitops diff {comment(seen.project[:64])} -->",
        f"## MsgFlash definitions: {counts_words(seen)}",
        "",
        f"Project {code(_cut(seen.project, 64))}, since {code(seen.base[:12])} ({text(_cut(seen.how))}). The account was not "
        "asked: what apply would do there, `msgflash-gitops plan` shows.",
        "",
    ]
    if not seen.base_has_project:
        lines += ["The base has no msgflash.yaml here: everything is new.", ""]
    if seen.revision.project:
        rows = [_project_row(each) for each in seen.revision.project[:_MOST_LINES]]
        cut = len(seen.revision.project) - len(rows)
        rows += [f"> - … and {cut} more"] if cut else []
        lines += ["> [!CAUTION]", "> **The project file changed**", ">", *rows, ""]
    everyone = [one for one in seen.revision.campaigns if _sends_to_all(one, seen)]
    if everyone:
        named = ", ".join(code(_cut(one.key, 64)) for one in everyone[:_MOST_LINES])
        more = f" and {len(everyone) - _MOST_LINES} more" if len(everyone) > _MOST_LINES else ""
        lines += ["> [!WARNING]", f"> **To ALL contacts of the account:** {named}{more}", ""]
    return "\n".join(lines)


def _project_row(change: ProjectChange) -> str:
    values = f"{text(_cut(value_words(change.before)))} → {text(_cut(value_words(change.after)))}"
    return f"> - **{text(_cut(change.field))}:** {values}: {text(change.meaning)}"


def _sends_to_all(one: Revised, seen: Comparison) -> bool:
    if one.after is None or (one.kind is not Kind.ADDED and not one.resends):
        return False
    return sight_of(one.after, seen).everyone


def _campaigns(seen: Comparison, room: int) -> str:
    """Whole where there is room, the most important first; the rest in a line each, and then counted."""
    ranked = sorted(seen.revision.campaigns, key=lambda one: _importance(one, seen))
    rows = {one.key: _row(one, seen) for one in ranked}
    whole = _whole(ranked, seen, room)
    if len(whole) < len(ranked):
        whole = _whole(ranked, seen, room - min(sum(_size(row) for row in rows.values()), room // 2))
    left = room - sum(_size(section) for section in whole.values())
    rest = [rows[one.key] for one in ranked if one.key not in whole]
    title = f"{len(rest)} {'more ' if whole else ''}in short"
    ordered = [whole[one.key] for one in seen.revision.campaigns if one.key in whole]
    return "\n".join([*ordered, _folded(title, rest, left)])


def _whole(ranked: Sequence[Revised], seen: Comparison, room: int) -> dict[str, str]:
    """Sections by key, until one does not fit."""
    sections: dict[str, str] = {}
    for one in ranked:
        section = "\n".join(_section(one, seen))
        room -= _size(section)
        if room < 0:
            break
        sections[one.key] = section
    return sections


def _importance(one: Revised, seen: Comparison) -> tuple[int, int]:
    """What reaches people, before what does not."""
    order = (Kind.INCOMPARABLE, Kind.ADDED, Kind.CHANGED, Kind.RENAMED, Kind.REMOVED)
    return (
        not _sends_to_all(one, seen),
        order.index(one.kind) + (10 if one.kind is Kind.CHANGED and not one.resends else 0),
    )


def _section(one: Revised, seen: Comparison) -> Iterator[str]:
    before = sight_of(one.before, seen) if one.before else None
    after = sight_of(one.after, seen) if one.after else None
    shown = after or before
    yield f"### {_VERBS[one.kind]}: {text(_cut(shown.name if shown else one.key))}"
    yield ""
    if shown is not None:
        yield from _facts(shown, before if after else None, one)
    yield from (f"- **Note:** {text(_cut(each, 400))}" for each in advice(one))
    fields = [field_words(each, one, seen) for each in other_fields(one)]
    yield from (f"- **Changed:** {text(_cut(each, 400))}" for each in fields[:_MOST_LINES])
    if len(fields) > _MOST_LINES:
        yield f"- … and {len(fields) - _MOST_LINES} more fields"
    yield ""
    yield from _messages(before, after, one)
    places = [f"key {code(_cut(one.key, 64))}"]
    places += [f"was {code(_cut(one.previous_key, 64))}"] if one.previous_key else []
    places += [code(_cut(shown.source))] if shown else []
    yield from (f"<sub>{' · '.join(places)}</sub>", "", "")


def _facts(now: Sight, then: Sight | None, one: Revised) -> Iterator[str]:
    moved = f", {move_words(one.moved_by)}" if one.moved_by else ""
    rows: tuple[tuple[str, str, str, str | None], ...] = (
        ("When", f"{now.when}, {now.far}{moved}", now.when, then.when if then else None),
        ("To", now.to, now.to, then.to if then else None),
        ("From", now.sender, now.sender, then.sender if then else None),
    )
    for title, words, new, old in rows:
        was = f" (was: <del>{text(_cut(old))}</del>)" if old is not None and old != new else ""
        yield f"- **{title}:** {text(_cut(words))}{was}"


def _messages(before: Sight | None, after: Sight | None, one: Revised) -> Iterator[str]:
    """Once where it stays, before and after where it changes."""
    old, new = (_message(each) if each else None for each in (before, after))
    if old is not None and new is not None and message_changed(one):
        old, new = compare(old, new)
        yield from _titled("Message before", old, "del")
        yield from _titled("Message now", new, "ins")
        return
    shown = new or old
    if shown is not None:
        yield from _titled("Message" if new else "Message that would not go out", shown, "")


def _message(side: Sight) -> Message:
    message = message_of(side.content)
    return replace(message, unknown=("its text, which lives in MsgFlash",)) if message.template else message


def _titled(title: str, message: Message, changed: str) -> Iterator[str]:
    yield f"**{title}** ({text(message.kind_words)}):"
    yield ""
    yield from bubble(message, _FULL, changed=changed)
    yield ""


def _row(one: Revised, seen: Comparison) -> str:
    definition = one.after or one.before
    side = sight_of(definition, seen) if definition else None
    facts = f": {text(_cut(side.when, 60))} · {text(_cut(side.to, 60))}" if side else ""
    return f"- {_VERBS[one.kind]} {code(_cut(one.key, 64))}{facts}"


def _problems(seen: Comparison) -> Iterator[str]:
    yield from (_finding(each, "") for each in seen.problems)
    yield from (_finding(each, " in the base") for each in seen.base_problems)


def _finding(finding: Finding, side: str) -> str:
    place = code(_cut(f"{finding.path}:{finding.line}"))
    return f"- {finding.severity.value}{side} at {place} ({text(finding.rule)}): {text(_cut(finding.message))}"


def _folded(title: str, rows: Sequence[str], room: int, *, opened: bool = False) -> str:
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
    more = [f"- … and {cut} more, cut to fit a comment. The full report: {_FULL}."] if cut else []
    if opened:
        return "\n".join([f"**{title}**", "", *kept, *more, ""])
    return "\n".join([f"<details><summary>{title}</summary>", "", *kept, *more, "", "</details>", ""])


def _foot(seen: Comparison) -> str:
    facts = [f"base {code(seen.base)}", f"made {code(format_instant(seen.made_at))}"]
    if seen.commit:
        facts.insert(1, f"now {code(_cut(seen.commit))}")
    return f"---\n\n<sub>{' · '.join(facts)}</sub>"


def _cut(value: str, longest: int = _LONGEST_TEXT) -> str:
    return value if len(value) <= longest else value[: longest - 1] + "…"


def _size(part: str) -> int:
    """In bytes, which are never fewer than characters; with the line end that joins it."""
    return len(part.encode()) + 1
