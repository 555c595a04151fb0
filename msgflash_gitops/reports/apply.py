"""The result of `apply`, as text and JSON."""

from collections.abc import Sequence

from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.outcome import Applied, Outcome, Result
from msgflash_gitops.reports.clean import plain
from msgflash_gitops.reports.style import Style

_PAST_TENSE = {"create": "created", "replace": "replaced", "stop": "stopped", "pause": "paused", "resume": "resumed"}
_SUCCEEDED = (Outcome.DONE, Outcome.RECOVERED)


def result_text(result: Result, style: Style) -> str:
    """One change, when it is over."""
    verb = _PAST_TENSE.get(result.action.value, result.action.value)
    where = f" ({plain(result.campaign_id)})" if result.campaign_id else ""
    lines = [_headline(result, verb, where, style)]
    if result.error is not None:
        lines.append(f"    {plain(result.error.code)}: {plain(result.error.message)}")
        lines += [f"    hint: {plain(result.error.hint)}"] if result.error.hint else []
    lines += [f"    {plain(note)}" for note in result.notes]
    lines += [style.yellow(f"    MsgFlash warns: {words}") for words in _safety_words(result.safety)]
    return "\n".join(lines) + "\n"


def _headline(result: Result, verb: str, where: str, style: Style) -> str:
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
    """What was not carried out, then the count and whether a second look at the account agrees."""
    lines = [
        result_text(result, style) for result in applied.results if result.outcome in (Outcome.HELD, Outcome.SKIPPED)
    ]
    lines += [style.red(f"! {plain(problem)}") + "\n" for problem in applied.problems]
    if applied.interrupted:
        lines.append(style.red("Interrupted.") + " Nothing more was started. Apply again to finish.\n")
    counts = ", ".join(f"{count} {outcome.value}" for outcome in Outcome if (count := _count(applied.results, outcome)))
    checked = " The account was read again and shows what git asks for." if applied.verified and applied.results else ""
    lines.append(style.bold(f"Apply: {counts or 'nothing to do'}.") + checked + "\n")
    return "".join(lines)


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
