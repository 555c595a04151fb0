"""Saved plans: what was reviewed, sealed with a digest over all of it. No secret is in it."""

import json
from collections.abc import Callable
from pathlib import Path

from msgflash_gitops import __version__
from msgflash_gitops.errors import PlanFileError
from msgflash_gitops.files.regular import HINT, NotRegular, TooLarge, read_regular, write_whole
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.plan import Plan
from msgflash_gitops.planning.codec import decode, encode
from msgflash_gitops.planning.seal import plan_digest

KIND = "msgflash-gitops plan"
_LARGEST = 64 * 1024 * 1024
_PRIVATE = 0o600


def write_plan(path: Path, plan: Plan, hide: Callable[[str], str] = str) -> None:
    """Replaces the file in one step. Raises PlanFileError where it cannot be written, or where `hide` finds a secret in it.

    A plan is applied as it was reviewed: with a secret masked it would be another plan.
    """
    document = {"kind": KIND, "version": 1, "made_by": __version__, "digest": plan_digest(plan), "plan": encode(plan)}
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    if hide(text) != text:
        raise PlanFileError(
            "the plan is not saved: a text in it (of a definition, or of the account) repeats a secret, such as the API key",
            hint="take it out of there; and replace the key, because others have seen it",
        )
    try:
        write_whole(path, f"{text}\n".encode(), _PRIVATE)
    except OSError as error:
        raise PlanFileError(f"the plan cannot be written to {path}: {error.strerror}") from error


def read_plan(path: Path) -> Plan:
    """Raises PlanFileError for a file that is no saved plan, was edited, or comes from another release's format."""
    document = _read(path)
    if document.get("kind") != KIND:
        raise PlanFileError(f"{path} is no saved plan", hint="make one with `msgflash-gitops plan --out FILE`")
    if document.get("version") != 1:
        raise PlanFileError(f"{path} was saved in a format this release does not read", hint="plan again")
    try:
        plan = decode(Plan, document.get("plan"))
        digest = plan_digest(plan)
    except (ValueError, RecursionError, OverflowError) as error:
        raise PlanFileError(f"{path} is damaged or was edited ({error})", hint="plan again") from None
    if digest != document.get("digest"):
        raise PlanFileError(f"{path} was edited after it was made: its digest does not fit", hint="plan again")
    return plan


def _read(path: Path) -> dict[str, Json]:
    try:
        document = json.loads(read_regular(path, _LARGEST))
    except OSError as error:
        hint = HINT if isinstance(error, NotRegular) else "make one with `msgflash-gitops plan --out FILE`"
        raise PlanFileError(f"{path} cannot be read: {_said(error)}", hint=hint) from error
    except (ValueError, RecursionError):
        raise PlanFileError(
            f"{path} is no saved plan", hint="make one with `msgflash-gitops plan --out FILE`"
        ) from None
    return document if isinstance(document, dict) else {}


def _said(error: OSError) -> str:
    return f"it is {error.strerror}, no saved plan" if isinstance(error, TooLarge) else str(error.strerror)
