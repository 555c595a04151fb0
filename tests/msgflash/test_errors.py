"""Every documented error code becomes a message, a hint and an exit code."""

import pytest

from msgflash_gitops.errors import Ambiguous, ApiError, NoSuchList, NotFound, Refused, Unusable
from msgflash_gitops.msgflash.failures import CODES, SERVER_CODES
from msgflash_gitops.sandbox import problems
from tests.msgflash.client import CREATED, KEY, NONE, RetryPolicy, said
from tests.msgflash.wire import answer, refused

UNUSABLE = {
    "UNAUTHORIZED",
    "SUBSCRIPTION_INACTIVE",
    "CAMPAIGNS_NOT_AVAILABLE_ON_PLAN",
    "TEAM_KEY_REQUIRED",
    "TEAM_KEY_NOT_ALLOWED",
    "TEAM_NOT_FOUND",
    "MONTHLY_API_REQUEST_QUOTA_EXCEEDED",
    "MONTHLY_OUTBOUND_QUOTA_EXCEEDED",
}
STATUS = {**problems.STATUS, "PROVIDER_ERROR": 502, "MAX_CONTACT_GROUPS_REACHED": 403}
ONCE = RetryPolicy(lost=1, rate_limited=1)


def test_the_client_knows_every_code_that_the_sandbox_shows() -> None:
    assert CODES.keys() | SERVER_CODES.keys() == STATUS.keys()
    assert {code for code, status in STATUS.items() if status >= 500} == set(SERVER_CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_says_what_is_wrong_and_what_to_do(code: str) -> None:
    error, _ = said([refused(code, STATUS[code], "the vendor's words")], "create campaign", policy=ONCE)
    assert isinstance(error, Refused)
    assert (error.operation, error.code, error.status, error.exit_code) == ("create campaign", code, STATUS[code], 3)
    assert code in error.message and "the vendor's words" in error.message
    assert error.hint
    assert isinstance(error, Unusable) == (code in UNUSABLE)
    assert isinstance(error, NotFound) == (code == "NOT_FOUND")


@pytest.mark.parametrize("code", SERVER_CODES)
def test_a_failure_of_the_server_is_open_for_writes_and_an_error_for_reads(code: str) -> None:
    failure = refused(code, STATUS[code], "the vendor's words")
    written, _ = said([failure], "create campaign")
    read, _ = said([failure], "get campaign", policy=ONCE)
    assert isinstance(written, Ambiguous)
    assert isinstance(read, ApiError) and not isinstance(read, Refused)
    for error in (written, read):
        assert error.exit_code == 3
        assert code in error.message and "the vendor's words" in error.message
    assert read.hint


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unusable),
        (404, NotFound),
        (405, NotFound),
        *((each, Refused) for each in (400, 402, 403, 410, 413, 422, 499)),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"null", b"[]", b'{"error": "text"}', b'{"error": {"code": 5}}', b"\xff"]
)
def test_a_refusal_in_no_documented_form_goes_by_its_status(status: int, kind: type[Refused], body: bytes) -> None:
    error, wire = said([answer(body, status)], "create campaign")
    assert type(error) is kind
    assert (error.status, error.exit_code, len(wire.received)) == (status, 3, 1)
    assert str(status) in error.message


def test_an_unknown_code_is_shown() -> None:
    error, _ = said([refused("BRAND_NEW", 403)], "create campaign")
    assert (error.code, "BRAND_NEW" in error.message) == ("BRAND_NEW", True)


def test_details_are_shown_with_their_fields() -> None:
    details = [
        {"field": "mediaUrl", "message": "Required"},
        {"path": "buttons[0]", "message": "Odd"},
        "plain",
        5,
        None,
        {},
    ]
    body = {"error": {"code": "VALIDATION_ERROR", "message": "Validation failed", "details": details}}
    error, _ = said([answer(body, 400)], "create campaign")
    assert '"Validation failed; mediaUrl: Required; buttons[0]: Odd; plain"' in error.message


def test_text_of_the_server_is_one_line_of_bounded_length() -> None:
    hostile = "\x1b[31mred\x07\nsecond\u202eline\u2028" + "x" * 5000
    error, _ = said([refused("VALIDATION_ERROR", 400, hostile)], "create campaign")
    assert error.message.isprintable()
    assert len(error.message) < 500
    coded, _ = said([refused("\x1b[2J" + "Y" * 5000, 400)], "create campaign")
    assert coded.message.isprintable() and coded.code.isprintable()
    assert len(coded.message) < 500


@pytest.mark.parametrize("status", [401, 500])
def test_a_key_that_the_server_repeats_is_not_shown(status: int) -> None:
    for call in ("create campaign", "get campaign"):
        error, _ = said([refused(KEY, status, f"no such key: {KEY}")], call, policy=ONCE)
        assert KEY not in str(error) + repr(error) + str(error.code)


@pytest.mark.parametrize("status", [404, 405])
def test_without_a_list_of_campaigns_nothing_can_be_compared(status: int) -> None:
    error, _ = said([refused("NOT_FOUND", status)], "list campaigns")
    assert type(error) is NoSuchList
    assert "nothing can be compared" in error.message
    assert error.hint


class TestCancel:
    """Not documented: where the route is missing, campaigns stay paused."""

    @pytest.mark.parametrize("missing", [refused("NOT_FOUND", 404), answer(b"", 404), answer(b"", 405)])
    def test_is_found_missing_once_and_remembered(self, missing: bytes) -> None:
        async def twice(client: object) -> list[bool]:
            return [await client.cancel_campaign(each) for each in ("c1", "c2")]  # type: ignore[attr-defined]

        result, wire = said([missing], twice)
        assert result == [False, False]
        assert len(wire.received) == 1

    def test_a_campaign_that_is_gone_is_no_missing_route(self) -> None:
        async def thrice(client: object) -> list[object]:
            first = await client.cancel_campaign("c1")  # type: ignore[attr-defined]
            with pytest.raises(NotFound):
                await client.cancel_campaign("gone")  # type: ignore[attr-defined]
            return [first, await client.cancel_campaign("C1")]  # type: ignore[attr-defined]

        result, _ = said([CREATED, refused("NOT_FOUND", 404), CREATED], thrice)
        assert result == [True, True]

    def test_a_refusal_is_no_missing_route(self) -> None:
        error, _ = said([refused("BAD_REQUEST", 400)], "cancel campaign")
        assert isinstance(error, Refused) and not isinstance(error, NotFound)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", ["list instances", "create campaign"])
def test_a_redirect_is_an_error_that_says_so(call: str, status: int) -> None:
    error, wire = said([answer(b"", status, location="/api/v1/elsewhere"), NONE], call)
    assert type(error) is ApiError
    assert "redirect" in error.message and error.hint
    assert len(wire.received) == 1
