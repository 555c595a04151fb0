"""A plan for a terminal."""

from datetime import timedelta

from msgflash_gitops.model.plan import Action, Change, FieldChange, Flag, Plan, World
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.words import duration_words, moment_words
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style
from msgflash_gitops.reports.words import (
    content_lines,
    instance_words,
    recipients_words,
    seen_words,
    value_words,
    when_words,
    world_words,
)

_SHORT = timedelta(days=2)
_QUIET = (Action.UNCHANGED, Action.FINISHED, Action.PAST)
_SIGNS = {
    Action.CREATE: "+",
    Action.REPLACE: "~",
    Action.STOP: "-",
    Action.PAUSE: "‖",
    Action.RESUME: "▸",
    Action.LATE: "!",
    Action.BLOCKED: "!",
    Action.UNCHANGED: "=",
    Action.FINISHED: "✓",
    Action.PAST: "·",
}
_CONSENT = {
    Flag.ALLOW_RESUME: "brings back campaigns that are paused in the account",
    Flag.ALLOW_RUNNING: "replaces campaigns that are being sent now",
    Flag.MAX_STOPS: "stops that many campaigns",
}


def plan_text(plan: Plan, style: Style, *, requests: int | None = None, verbose: bool = False) -> str:
    """Everything that would happen, in full; what would not, counted (listed when `verbose`). `requests`: what it cost so far."""
    lines = [f"Workspace {style.bold(plain(plan.workspace))}, project {style.bold(plain(plan.project))}", ""]
    shown = [change for change in plan.changes if change.action not in _QUIET]
    quiet = [change for change in plan.changes if change.action in _QUIET]
    for change in shown:
        lines += [*_change(change, plan, style), ""]
    worth_a_line = [change for change in quiet if verbose or change.warnings or change.reason == "adopted"]
    for change in worth_a_line:
        lines += _quiet_line(change, style)
    if worth_a_line:
        lines.append("")
    lines += [style.yellow(f"! {plain(notice)}") for notice in plan.notices]
    lines += _warnings(plan, style)
    lines += _summary(plan, style)
    lines += _known(plan, requests, style)
    return "\n".join(lines) + "\n"


def summary_line(plan: Plan) -> str:
    """`1 to create, 2 unchanged`: what is zero is left out."""
    words = {Action.CREATE: "to create", Action.REPLACE: "to replace", Action.STOP: "to stop", Action.PAUSE: "to pause"}
    words[Action.RESUME] = "to resume"
    counts = [(plan.count(action), words.get(action, action.value)) for action in Action]
    text = ", ".join(f"{count} {word}" for count, word in counts if count)
    return text or "nothing"


def _change(change: Change, plan: Plan, style: Style) -> list[str]:
    sign = f"{_SIGNS[change.action]} {change.action.value:<8}"
    colour = {Action.CREATE: style.green, Action.STOP: style.red, Action.LATE: style.red, Action.BLOCKED: style.red}
    held = style.yellow(f"  HELD until {change.held_by}") if change.held and change.held_by else ""
    paint = colour.get(change.action, style.yellow)
    lines = [f"{paint(sign)} {style.bold(plain(change.key))}  {plain(change.name)}{held}"]
    if change.reason:
        lines.append(_row("why", plain(change.reason)))
    if change.desired is not None and (change.creates or change.action is Action.RESUME):
        lines += _send(change, plan)
    if change.current is not None:
        lines.append(
            _row("live", f"{plain(change.current.id)}, {plain(change.current.status)}{seen_words(change.current)}")
        )
    lines += [_row("changes", _difference(each)) for each in change.differences]
    if change.missed:
        zone = change.desired.timezone if change.desired else "UTC"
        lines.append(_row("missed", "; ".join(moment_words(each, zone) for each in change.missed)))
    lines += [_row("source", plain(change.desired.source))] if change.desired else []
    lines += [
        _row("waived", f"{plain(w.rule)}: {plain(w.reason)}")
        for w in (change.desired.waivers if change.desired else ())
    ]
    lines += [style.yellow(_row("warning", plain(warning))) for warning in change.warnings]
    return lines


def _send(change: Change, plan: Plan) -> list[str]:
    desired = change.desired
    assert desired is not None
    rows = [
        _row("sends", when_words(change, plan.made_at)),
        _row("from", instance_words(desired.instance)),
        _row("to", recipients_words(desired.recipients)),
    ]
    head, *message = content_lines(desired.content)
    rows += [_row("content", head), *(_row("", line) for line in message)]
    if desired.paused:
        rows.append(_row("paused", "created, then paused at once: nothing is sent until `paused` is removed"))
    return rows


def _difference(difference: FieldChange) -> str:
    return f"{plain(difference.field)}: {value_words(difference.before)} → {value_words(difference.after)}"


def _row(title: str, text: str) -> str:
    return f"           {title:<8} {text}"


def _quiet_line(change: Change, style: Style) -> list[str]:
    reason = f"  {plain(change.reason)}" if change.reason else ""
    line = f"{_SIGNS[change.action]} {change.action.value:<9} {plain(change.key)}  {plain(change.name)}{reason}"
    return [style.dim(line), *(style.yellow(_row("warning", plain(each))) for each in change.warnings)]


def _warnings(plan: Plan, style: Style) -> list[str]:
    lines = []
    for finding in plan.findings:
        place = f"{finding.path}:{finding.line}:{finding.column}"
        lines.append(style.yellow(f"{plain(place)}: warning[{finding.rule}]: {plain(finding.message)}"))
    return [*lines, ""] if lines else []


def _known(plan: Plan, requests: int | None, style: Style) -> list[str]:
    """Where the plan's knowledge comes from; said where it could be another one."""
    cost = f" ({requests} request{'' if requests == 1 else 's'})" if requests is not None else ""
    if plan.world is World.LIST:
        return []
    words = world_words(plan)
    return [style.dim(f"{words[0].upper()}{words[1:]}{cost}.")]


def _summary(plan: Plan, style: Style) -> list[str]:
    lines = []
    if not plan.pending and not any(change.action in (Action.LATE, Action.BLOCKED) for change in plan.changes):
        subject = (
            "The account" if plan.refresh is Refresh.ALL or plan.world is World.LIST else "The account, as last seen,"
        )
        lines.append(style.green("No changes.") + f" {subject} is what git says ({summary_line(plan)}).")
    else:
        lines.append(style.bold(f"Plan: {summary_line(plan)}."))
    flags = sorted({change.held_by for change in plan.changes if change.held and change.held_by})
    if plan.held:
        lines.append(f"{plan.held} held, apply leaves {'them' if plan.held > 1 else 'it'} alone until you consent:")
        lines += [f"  {flag:<16} {_CONSENT[flag]}" for flag in flags]
    if plan.unmanaged:
        lines.append(
            style.dim(
                "1 campaign of the account is not managed here and is never touched."
                if plan.unmanaged == 1
                else f"{plan.unmanaged} campaigns of the account are not managed here and are never touched."
            )
        )
    if plan.valid_until is not None and plan.valid_until - plan.made_at < _SHORT:
        lines.append(style.dim(f"This plan can be applied for {duration_words(plan.valid_until - plan.made_at)}."))
    return lines
