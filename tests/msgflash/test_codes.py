"""What people are told for each documented code: what happened, and what they can do. As pages "Errors" and those of each route name them."""

from typing import Any

import pytest

from msgflash_gitops.errors import ApiError, NotFound, Refused, Unusable
from msgflash_gitops.msgflash.failures import CODES, SERVER_CODES, read_error, refusal, server_words
from tests.msgflash.test_errors import STATUS

TOLD = """
VALIDATION_ERROR: MsgFlash refused the content -> compare the definition with the details
BAD_REQUEST: MsgFlash refused the request -> plan again: the campaign's status may have changed
TEMPLATE_INVALID: MsgFlash says that the template is invalid -> open it in the dashboard
TEMPLATE_VARIABLES_MISSING: the template needs more variables -> add them under `variables:`
TEMPLATE_CONTEXT_UNAVAILABLE: a placeholder of the template has no value here -> use another placeholder or other recipients
UNAUTHORIZED: MsgFlash does not accept the API key -> check the variable that holds it, and the team id
FORBIDDEN: the API key may not do this -> use a key with more rights
SUBSCRIPTION_INACTIVE: the account's subscription is not active -> renew it in the dashboard
CAMPAIGNS_NOT_AVAILABLE_ON_PLAN: the account's plan has no campaigns -> choose a plan with campaigns in the dashboard
UNSUPPORTED_FEATURE: the instance cannot send this -> buttons need WhatsApp Business: use another type
FEATURE_NOT_AVAILABLE_ON_PLAN: the account's plan lacks this feature -> choose another plan, or another type
TEAM_KEY_REQUIRED: a team id was sent with a personal key -> use the team's key
TEAM_KEY_NOT_ALLOWED: a team key may not read this -> use a personal key
MAX_CONTACT_GROUPS_REACHED: the account's plan allows no more contact groups -> choose another plan in the dashboard
NOT_FOUND: MsgFlash does not find it in this account -> plan again: it may have been deleted
TEAM_NOT_FOUND: MsgFlash does not know the team -> check the variable that holds the team id
CONFLICT: MsgFlash sees a conflict with what exists -> plan again
INVALID_DESTINATION: a recipient cannot be reached -> check the recipients
API_RATE_LIMIT_EXCEEDED: too many requests per second -> try again in a minute; use one key per pipeline
MONTHLY_API_REQUEST_QUOTA_EXCEEDED: the monthly quota of API requests is used up -> wait for the next period or choose a larger plan
MONTHLY_OUTBOUND_QUOTA_EXCEEDED: the monthly quota of messages is used up -> wait for the next period or choose a larger plan
"""
SERVER_TOLD = {
    "INTERNAL_ERROR": "MsgFlash had an internal error",
    "PROVIDER_ERROR": "WhatsApp's provider failed",
    "PROVIDER_TIMEOUT": "WhatsApp's provider did not answer MsgFlash in time",
    "PROVIDER_UNAVAILABLE": "WhatsApp's provider is not available to MsgFlash",
}


def body(code: object, message: object = "No", details: object = ()) -> Any:
    return {
        "error": {"code": code, "message": message, "details": list(details) if isinstance(details, tuple) else details}
    }


def told(error: ApiError) -> str:
    return f"{error.message} -> {error.hint}"


def test_refusals() -> None:
    lines = [f"{code}: {known.message} -> {known.hint}" for code, known in CODES.items()]
    assert lines == TOLD.strip().splitlines()
    for code, known in CODES.items():
        error = refusal("create campaign", STATUS[code], body(code))
        assert told(error) == f'create campaign: {known.message} ({code}): "No" -> {known.hint}'
        assert (type(error), error.operation, error.code, error.status) == (
            known.kind,
            "create campaign",
            code,
            STATUS[code],
        )


def test_failures_of_the_server() -> None:
    assert SERVER_TOLD == SERVER_CODES
    for code, words in SERVER_TOLD.items():
        assert server_words(STATUS[code], body(code)) == f'{words} (HTTP {STATUS[code]} {code}): "No"'
    assert server_words(503, None) == "MsgFlash or something in front of it failed (HTTP 503)"
    assert server_words(599, body("NEW", "")) == "MsgFlash or something in front of it failed (HTTP 599 NEW)"


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, Unusable, "MsgFlash does not accept the API key"),
        (404, NotFound, "there is no such thing at this address"),
        (405, NotFound, "there is no such thing at this address"),
        (429, Refused, "too many requests"),
        (418, Refused, "MsgFlash refused the request"),
    ],
)
def test_without_a_known_code_the_status_tells(status: int, kind: type[Refused], words: str) -> None:
    plain, coded = refusal("get campaign", status, None), refusal("get campaign", status, body("NEW"))
    assert (type(plain), told(plain), plain.code) == (kind, f"get campaign: {words} (HTTP {status}) -> None", None)
    assert (type(coded), told(coded), coded.code) == (
        kind,
        f'get campaign: {words} (HTTP {status} NEW): "No" -> None',
        "NEW",
    )
    assert (coded.operation, coded.status) == ("get campaign", status)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, (None, "")),
        ([], (None, "")),
        ({"error": "text"}, (None, "")),
        ({"error": {}}, (None, "")),
        (body(5, 5, 5), (None, "")),
        (body("X", "m"), ("X", "m")),
        (body("X", "m", "no list"), ("X", "m")),
        (
            body("X", "", ("d", "", {"message": "no field"}, {"field": "f"}, {"path": "p", "message": "q"})),
            ("X", "d; no field; f; p: q"),
        ),
        (
            body("X", "m", ({"field": "f", "path": "p", "message": "q"}, {"field": 5, "message": "r"}, 7, None)),
            ("X", "m; f: q; r"),
        ),
        (body("a\nb", "c\x1b[2J\td"), ("a b", "c [2J d")),
    ],
)
def test_what_an_error_says(answer: Any, said: object) -> None:
    assert read_error(answer) == said


def test_long_texts_are_cut_at_three_hundred_characters() -> None:
    assert read_error(body("X", "m" * 300))[1] == "m" * 300
    assert read_error(body("X", "m" * 301))[1] == "m" * 299 + "…"
