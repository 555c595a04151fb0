"""The vendor's error codes as messages with a hint (pages "Errors" and those of each route)."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgflash_gitops.errors import ApiError, NotFound, Refused, Unusable
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.masking import without_keys

RATE_LIMIT = "API_RATE_LIMIT_EXCEEDED"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Known:
    kind: type[Refused]
    message: str
    hint: str


CODES: Mapping[str, Known] = {
    "VALIDATION_ERROR": Known(Refused, "MsgFlash refused the content", "compare the definition with the details"),
    "BAD_REQUEST": Known(Refused, "MsgFlash refused the request", "plan again: the campaign's status may have changed"),
    "TEMPLATE_INVALID": Known(Refused, "MsgFlash says that the template is invalid", "open it in the dashboard"),
    "TEMPLATE_VARIABLES_MISSING": Known(Refused, "the template needs more variables", "add them under `variables:`"),
    "TEMPLATE_CONTEXT_UNAVAILABLE": Known(
        Refused, "a placeholder of the template has no value here", "use another placeholder or other recipients"
    ),
    "UNAUTHORIZED": Known(
        Unusable, "MsgFlash does not accept the API key", "check the variable that holds it, and the team id"
    ),
    "FORBIDDEN": Known(Refused, "the API key may not do this", "use a key with more rights"),
    "SUBSCRIPTION_INACTIVE": Known(Unusable, "the account's subscription is not active", "renew it in the dashboard"),
    "CAMPAIGNS_NOT_AVAILABLE_ON_PLAN": Known(
        Unusable, "the account's plan has no campaigns", "choose a plan with campaigns in the dashboard"
    ),
    "UNSUPPORTED_FEATURE": Known(
        Refused, "the instance cannot send this", "buttons need WhatsApp Business: use another type"
    ),
    "FEATURE_NOT_AVAILABLE_ON_PLAN": Known(
        Refused, "the account's plan lacks this feature", "choose another plan, or another type"
    ),
    "TEAM_KEY_REQUIRED": Known(Unusable, "a team id was sent with a personal key", "use the team's key"),
    "TEAM_KEY_NOT_ALLOWED": Known(Unusable, "a team key may not read this", "use a personal key"),
    "MAX_CONTACT_GROUPS_REACHED": Known(
        Refused, "the account's plan allows no more contact groups", "choose another plan in the dashboard"
    ),
    "NOT_FOUND": Known(NotFound, "MsgFlash does not find it in this account", "plan again: it may have been deleted"),
    "TEAM_NOT_FOUND": Known(Unusable, "MsgFlash does not know the team", "check the variable that holds the team id"),
    "CONFLICT": Known(Refused, "MsgFlash sees a conflict with what exists", "plan again"),
    "INVALID_DESTINATION": Known(Refused, "a recipient cannot be reached", "check the recipients"),
    RATE_LIMIT: Known(Refused, "too many requests per second", "try again in a minute; use one key per pipeline"),
    "MONTHLY_API_REQUEST_QUOTA_EXCEEDED": Known(
        Unusable, "the monthly quota of API requests is used up", "wait for the next period or choose a larger plan"
    ),
    "MONTHLY_OUTBOUND_QUOTA_EXCEEDED": Known(
        Unusable, "the monthly quota of messages is used up", "wait for the next period or choose a larger plan"
    ),
}
SERVER_CODES: Mapping[str, str] = {
    "INTERNAL_ERROR": "MsgFlash had an internal error",
    "PROVIDER_ERROR": "WhatsApp's provider failed",
    "PROVIDER_TIMEOUT": "WhatsApp's provider did not answer MsgFlash in time",
    "PROVIDER_UNAVAILABLE": "WhatsApp's provider is not available to MsgFlash",
}


def refusal(operation: str, status: int, body: Json) -> ApiError:
    """The error for a 4xx answer."""
    code, said = read_error(body)
    known = CODES.get(code or "")
    if known is not None:
        return known.kind(
            f"{operation}: {known.message} ({code}){_said(said)}",
            operation=operation,
            code=code,
            status=status,
            hint=known.hint,
        )
    kind, words = _by_status(status)
    named = f"HTTP {status}" + (f" {code}" if code else "")
    return kind(f"{operation}: {words} ({named}){_said(said)}", operation=operation, code=code, status=status)


def server_words(status: int, body: Json) -> str:
    """What a 5xx answer means."""
    code, said = read_error(body)
    words = SERVER_CODES.get(code or "", "MsgFlash or something in front of it failed")
    return f"{words} (HTTP {status}{f' {code}' if code else ''}){_said(said)}"


def read_error(body: Json) -> tuple[str | None, str]:
    """The code and what was said, out of `{"error": {"code", "message", "details"}}`; anything else says nothing."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return None, ""
    code, message, details = error.get("code"), error.get("message"), error.get("details")
    parts = [message] if isinstance(message, str) else []
    parts += [_detail(each) for each in details] if isinstance(details, list) else []
    return (_clean(code) if isinstance(code, str) else None), _clean("; ".join(part for part in parts if part))


def quoted(text: str) -> str:
    """Text of the server as one line of bounded length, without keys."""
    return _clean(text)


def _detail(detail: Json) -> str:
    if isinstance(detail, str):
        return detail
    if not isinstance(detail, Mapping):
        return ""
    where, what = detail.get("field") or detail.get("path"), detail.get("message")
    return ": ".join(str(part) for part in (where, what) if isinstance(part, str))


def _said(said: str) -> str:
    return f': "{said}"' if said else ""


def _clean(text: str) -> str:
    """One line, in which a key that the server repeats does not show."""
    line = "".join(character if character.isprintable() else " " for character in without_keys(text))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _by_status(status: int) -> tuple[type[Refused], str]:
    if status == 401:
        return Unusable, "MsgFlash does not accept the API key"
    if status in (404, 405):
        return NotFound, "there is no such thing at this address"
    if status == 429:
        return Refused, "too many requests"
    return Refused, "MsgFlash refused the request"
