"""The result of `apply`, as text and JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.outcome import Applied, Failure, Outcome, Result
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style

Why = TypeVar("Why")
_PAST_TENSE = {"create": "created", "replace": "replaced", "stop": "stopped", "pause": "paused", "resume": "resumed"}
_SUCCEEDED = (Outcome.DONE, Outcome.RECOVERED)
_NAMED = 5
_ONE_BY_ONE = 3
_MOST_PROBLEMS = 20


class Progress:
    """What to print when a change is over. A failure is told in full once, however many changes it strikes; the end counts them."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._told: set[Failure] = set()

    def text(self, result: Result) -> str:
        """Empty for what was not tried, and for a failure told before; a change in doubt always has its line."""
        error = result.error
        if error is None:
            return result_text(result, self._style)
        if result.outcome is Outcome.SKIPPED:
            return ""
        known = error in self._told
        self._told.add(error)
        if not known or result.notes or result.safety:
            return result_text(result, self._style)
        return _headline(result, self._style) + "\n" if result.outcome is Outcome.UNKNOWN else ""


def result_text(result: Result, style: Style) -> str:
    """One change, when it is over."""
    lines = [_headline(result, style)]
    if result.error is not None:
        lines.append(f"    {plain(result.error.code)}: {plain(result.error.message)}")
        lines += [f"    hint: {plain(result.error.hint)}"] if result.error.hint else []
    lines += [f"    {plain(note)}" for note in result.notes]
    lines += [style.yellow(f"    MsgFlash warns: {words}") for words in _safety_words(result.safety)]
    return "\n".join(lines) + "\n"


def _headline(result: Result, style: Style) -> str:
    verb = _PAST_TENSE.get(result.action.value, result.action.value)
    where = f" ({plain(result.campaign_id)})" if result.campaign_id else ""
    key = style.bold(plain(result.key))
    if result.outcome in _SUCCEEDED:
        found = ", found after a lost answer" if result.outcome is Outcome.RECOVERED else ""
        return f"{style.green('✓')} {key} {verb}{where}{found}"
    if result.outcome is Outcome.UNKNOWN:
        return f"{style.red('?')} {key} {result.action.value}: OUTCOME UNKNOWN{where}"
    if result.outcome is Outcome.FAILED:
        return f"{style.red('✗')} {key} not {verb}{where}"
    held = f" until {result.change.held_by}" if result.change.held_by else ""
    return (
        f"{style.yellow('-')} {key} {result.action.value}: {result.outcome.value}{held}: {plain(result.change.reason)}"
    )


def applied_text(applied: Applied, style: Style) -> str:
    """What was not carried out, then the count and whether a second look at the account agrees. Its length is bounded."""
    lines = [*_failed_alike(applied.results, style), *_not_tried(applied.results, style)]
    shown = applied.problems[:_MOST_PROBLEMS]
    lines += [style.red(f"! {plain(problem)}") + "\n" for problem in shown]
    if left := len(applied.problems) - len(shown):
        lines.append(style.red(f"! {left} more of this kind (--format json names all)") + "\n")
    if applied.interrupted:
        lines.append(style.red("Interrupted.") + " Nothing more was started. Apply again to finish.\n")
    counts = ", ".join(f"{count} {outcome.value}" for outcome in Outcome if (count := _count(applied.results, outcome)))
    checked = " The account was read again and shows what git asks for." if applied.verified and applied.results else ""
    lines.append(style.bold(f"Apply: {counts or 'nothing to do'}.") + checked + "\n")
    return "".join(lines)


def _failed_alike(results: Sequence[Result], style: Style) -> Iterator[str]:
    """One line for each failure of several changes: what it is was said when the first was over."""
    failed = [result for result in results if result.outcome is Outcome.FAILED and result.error is not None]
    for error, alike in _groups((result, result.error) for result in failed):
        if error is not None and len(alike) > 1:
            yield f"{style.red('✗')} failed with {plain(error.code)}, as said above: {_changes(alike)}\n"


def _not_tried(results: Sequence[Result], style: Style) -> Iterator[str]:
    """Held and skipped ones: by their reason, where it keeps more than a few back. What was said of a failure is not repeated."""
    kept = [result for result in results if result.outcome in (Outcome.HELD, Outcome.SKIPPED)]
    said = {result.error for result in results if result.outcome in (Outcome.FAILED, Outcome.UNKNOWN) and result.error}
    for (outcome, reason, error), alike in _groups((result, _why_kept(result)) for result in kept):
        if len(alike) == 1 or (error is None and len(alike) <= _ONE_BY_ONE):
            yield from (result_text(result, style) for result in alike)
        elif error is None:
            yield f"{style.yellow('-')} {outcome.value}: {reason}: {_changes(alike)}\n"
        elif error in said:
            yield f"{style.yellow('-')} {outcome.value} after {plain(error.code)}, as said above: {_changes(alike)}\n"
        else:
            yield f"{style.yellow('-')} {plain(error.message)}: {_changes(alike)}\n"
            yield f"    hint: {plain(error.hint)}\n" if error.hint else ""


def _why_kept(result: Result) -> tuple[Outcome, str, Failure | None]:
    if result.error is not None:
        return result.outcome, "", result.error
    change = result.change
    held = f" (until {change.held_by})" if change.held_by else ""
    return result.outcome, f"{change.action.value}{held}: {plain(change.reason)}", None


def _groups(pairs: Iterable[tuple[Result, Why]]) -> Iterator[tuple[Why, list[Result]]]:
    """By reason, in the order in which each came first."""
    groups: dict[Why, list[Result]] = {}
    for result, why in pairs:
        groups.setdefault(why, []).append(result)
    yield from groups.items()


def _changes(results: Sequence[Result]) -> str:
    """`322 campaigns: a, b, c, d, e, … (--format json names all)`."""
    keys = list(dict.fromkeys(plain(result.key) for result in results))
    more = ", … (--format json names all)" if len(keys) > _NAMED else ""
    return f"{len(keys)} campaign{'' if len(keys) == 1 else 's'}: {', '.join(keys[:_NAMED])}{more}"


def applied_object(applied: Applied, *, ok: bool, requests: int, notices: Sequence[str] = ()) -> dict[str, Json]:
    """`ok`: everything was done, so the exit code is 0. `notices`: what a person should know, and what kept nothing back."""
    return {
        "version": 1,
        "ok": ok,
        "results": [_result_object(result) for result in applied.results],
        "verified": applied.verified,
        "problems": list(applied.problems),
        "notices": list(notices),
        "interrupted": applied.interrupted,
        "requests": requests,
    }


def _result_object(result: Result) -> JsonObject:
    error = result.error
    return {
        "key": result.key,
        "action": result.action.value,
        "outcome": result.outcome.value,
        "campaign_id": result.campaign_id,
        "reason": result.change.reason,
        "error": {"code": error.code, "message": error.message, "hint": error.hint} if error else None,
        "safety": result.safety,
        "notes": list(result.notes),
    }


def _count(results: Sequence[Result], outcome: Outcome) -> int:
    return sum(result.outcome is outcome for result in results)


def _safety_words(safety: JsonObject | None) -> list[str]:
    """What the vendor's answer said about the risk (page "Create a campaign"); a warning never prevents creation."""
    if not safety or safety.get("decision") in (None, "allow"):
        return []
    reasons = safety.get("reasons")
    texts = [plain(reason) for reason in reasons] if isinstance(reasons, list | tuple) else []
    return [f"{plain(safety.get('decision'))}, risk {plain(safety.get('riskLevel'))}: {'; '.join(texts)}".rstrip(": ")]
