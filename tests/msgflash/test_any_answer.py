"""Whatever an answer holds: a value, or an error of our tree; never another exception, never a wait without end."""

import gzip
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from msgflash_gitops.errors import Ambiguous, ApiError, BadAnswer
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.msgflash.assumptions import LARGEST_ANSWER
from msgflash_gitops.msgflash.body import read_json
from msgflash_gitops.msgflash.wire import read_campaign
from tests.msgflash.client import CALLS, READS, WRITES, RetryPolicy, said
from tests.msgflash.wire import answer

ONCE = RetryPolicy(lost=1, rate_limited=1)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
# Lone surrogates are valid in JSON's text, as \ud83d: what is left of an emoji where a program cut a name.
TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["\ud83d", "a\udc00b", "2027-04-15T09:00:00Z", "none"])
NAMES = st.sampled_from(
    [
        "data",
        "campaigns",
        "id",
        "name",
        "status",
        "schedule",
        "recipients",
        "type",
        "value",
        "repeat",
        "variables",
        "total",
        "nextCursor",
        "hasMore",
        "limit",
        "error",
        "code",
        "message",
        "details",
        "stats",
        "safety",
        "meta",
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=6),
    max_leaves=20,
)
CAMPAIGNS = st.fixed_dictionaries(
    {"id": TEXTS, "name": TEXTS, "status": TEXTS},
    optional=dict.fromkeys(
        [
            "instanceId",
            "schedule",
            "repeat",
            "recipients",
            "variables",
            "templateVariables",
            "type",
            "body",
            "mediaUrl",
            "stats",
            "createdAt",
            "updatedAt",
            "userId",
            "safety",
            "templateId",
            "buttons",
            "brandNew",
        ],
        ANY,
    ),
)


def dumped(value: Json) -> bytes:
    return json.dumps(value).encode()


@settings(deadline=None, max_examples=50)
@given(body=ANY, status=st.sampled_from([200, 200, 201, 400, 404, 429, 500, 302]), call=st.sampled_from(list(CALLS)))
@example({"data": {"campaigns": [], "nextCursor": "\ud800", "hasMore": True}}, 200, "list campaigns")
@example({"error": {"code": "\ud800", "message": "\udfff", "details": [["x"]]}}, 400, "create campaign")
def test_any_json_is_a_value_or_an_error_of_ours(body: Json, status: int, call: str) -> None:
    result, _ = said([answer(dumped(body), status)], call, policy=ONCE)
    if isinstance(result, Exception):
        assert isinstance(result, ApiError), repr(result)
        str(result).encode()


@settings(deadline=None, max_examples=50)
@given(data=st.lists(CAMPAIGNS, max_size=4, unique_by=lambda item: str(item["id"])))
def test_any_campaign_is_listed_or_named_as_odd(data: list[dict[str, Json]]) -> None:
    result, _ = said([answer(dumped({"data": data}))], "list campaigns", policy=ONCE)
    if isinstance(result, BadAnswer):
        assert "expected" in result.message
    else:
        assert len(result) <= len(data)
        assert all(isinstance(each, LiveCampaign) for each in result)
        json.dumps([[each.id, each.name, dict(each.fields), each.safety] for each in result], allow_nan=False)


@settings(deadline=None, max_examples=50)
@given(data=CAMPAIGNS)
def test_a_create_answered_with_any_campaign_is_done_or_open(data: dict[str, Json]) -> None:
    result, _ = said([answer(dumped({"data": data}), 201)], "create campaign")
    assert isinstance(result, LiveCampaign | Ambiguous), repr(result)


@settings(deadline=None, max_examples=50)
@given(body=st.binary(max_size=200), status=st.sampled_from([200, 400, 500]), call=st.sampled_from(list(CALLS)))
def test_any_bytes_are_a_value_or_an_error_of_ours(body: bytes, status: int, call: str) -> None:
    result, _ = said([answer(body, status)], call, policy=ONCE)
    assert not isinstance(result, Exception) or isinstance(result, ApiError), repr(result)


HEADER_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40)


@settings(deadline=None, max_examples=50)
@given(name=st.sampled_from(["date", "retry-after", "content-type", "location", "set-cookie", "x"]), value=HEADER_TEXT)
@example("date", "Mon, 01 Jan 2020 00:00:00 +99999999999999999999")
@example("date", "Mon, 01 Jan 0001 00:00:00 +2359")
@example("content-type", "application/json; charset=utf-16")
def test_any_header_is_borne(name: str, value: str) -> None:
    for status in (200, 429):
        result, _ = said([answer({"data": []}, status, **{name: value})], "list instances", policy=ONCE)
        assert result == [] or isinstance(result, ApiError), repr(result)


def test_a_schedule_at_the_end_of_time_is_borne() -> None:
    item = {"id": "c1", "name": "n", "status": "scheduled", "schedule": "0001-01-01T00:00:00+14:00"}
    assert read_campaign(item, "data").id == "c1"


class TestBody:
    @settings(deadline=None)
    @given(ANY)
    def test_json_comes_through_whole(self, value: Json) -> None:
        found = read_json(dumped(value))
        json.dumps(found, ensure_ascii=False).encode()
        if "\\ud" not in json.dumps(value):
            assert found == value

    @pytest.mark.parametrize("text", [b'"\\ud83d"', b'"\\uDE00"', b'{"\\ud83d": 1}', b'["a", {"b": "\\ud83dx"}]'])
    def test_half_an_emoji_is_replaced(self, text: bytes) -> None:
        assert "?" in str(read_json(text))

    def test_a_whole_emoji_stays(self) -> None:
        assert read_json(b'"\\ud83d\\ude00 \\\\ud83d"') == "\U0001f600 \\ud83d"

    def test_a_byte_order_mark_is_passed_over(self) -> None:
        assert read_json(b"\xef\xbb\xbf[]") == []

    @pytest.mark.parametrize(
        "text", [b"NaN", b"[Infinity]", b'{"a": -Infinity}', b"1e999", b"[-1e999]", b"", b"{", b"\xff", b"\x00"]
    )
    def test_what_is_no_json_is_refused(self, text: bytes) -> None:
        with pytest.raises(ValueError):
            read_json(text)

    @pytest.mark.parametrize(
        "text", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"9" * 10_000]
    )
    def test_what_would_exhaust_the_machine_is_refused(self, text: bytes) -> None:
        with pytest.raises(ValueError):
            read_json(text)


class TestHugeAnswers:
    def test_a_large_list_is_read(self) -> None:
        items = [{"id": f"c{number}", "name": "N" * 200, "status": "scheduled"} for number in range(20_001)]
        result, _ = said([answer({"data": items})], "list campaigns")
        assert len(result) == 20_001

    @pytest.mark.parametrize("call", ["list campaigns", "create campaign"])
    def test_one_that_is_too_large_is_cut_off(self, call: str) -> None:
        """Not held whole: what arrives after the limit is never kept. A bomb of zeros is cut off as it unpacks."""
        bomb = gzip.compress(bytes(2 * LARGEST_ANSWER), compresslevel=1)
        tracemalloc.start()
        try:
            error, _ = said([answer(bomb, 200, content_encoding="gzip")], call, policy=ONCE)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert "larger than 24 MiB" in str(error)
        assert isinstance(error, Ambiguous) == (call == "create campaign")
        assert peak < 4 * LARGEST_ANSWER

    def test_a_long_header_is_an_error_of_ours(self) -> None:
        error, _ = said([answer({"data": []}, x="y" * 200_000)], "list instances", policy=ONCE)
        assert error == [] or isinstance(error, ApiError)


@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_unknown_fields_are_passed_over(call: str) -> None:
    item: dict[str, Any] = {
        "id": "c1",
        "name": "n",
        "status": "scheduled",
        "new": {"deep": [1]},
        "stats": {"new": 5, "sent": 1},
    }
    listed = {"data": [item], "new": True, "meta": {"new": 1}}
    alone = {"data": item, "new": [{}]}
    result, _ = said([answer(listed if call.startswith("list") else alone)], call)
    found = result[0] if isinstance(result, list) else result
    assert found is True or found.id == "c1"
