"""A strange answer is never taken for an empty account, and what is left out of a list is never taken for missing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.errors import Ambiguous, BadAnswer
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.msgflash.envelope import read_page
from msgflash_gitops.msgflash.vocabulary import Topic, topic, words
from tests.msgflash.client import said
from tests.msgflash.test_lists import Query, campaigns, fetched, ids
from tests.msgflash.wire import answer

ONE = campaigns(1)
# The answer, and what the error must name.
STRANGE: list[tuple[Any, str]] = [
    ({"data": {"message": "maintenance", "errors": []}}, "no list called `campaigns`"),
    ({"data": {"warnings": []}}, "no list called `campaigns`"),
    ({"data": {"errors": []}}, "no list called `campaigns`"),
    ({"data": {"whatever": []}}, "no list called `campaigns`"),
    ({"data": {"contacts": []}}, "no list called `campaigns`"),
    ({"data": {"campaigns": None}}, "`data.campaigns` is no list"),
    ({"data": {"campaigns": None, "total": 0, "limit": 50, "nextCursor": None, "hasMore": False}}, "data.campaigns"),
    ({"data": {"campaigns": None, "items": []}}, "both `campaigns` and `data`|both `campaigns` and `items`"),
    ({"data": {"campaigns": [], "items": ONE}}, "both"),
    ([], "no `data`"),
    (ONE, "no `data`"),
    ({"campaigns": []}, "no `data`"),
    ({"success": False, "data": []}, "`success`: false"),
    ({"success": "false", "data": []}, "`success`"),
    ({"ok": False, "data": []}, "`ok`: false"),
    ({"status": "error", "data": []}, "`status`: 'error'"),
    ({"statusCode": 503, "data": []}, "`statusCode`: 503"),
    ({"data": [], "error": {"code": "X", "message": "no"}}, "`error`"),
    ({"data": [], "error": "timed out"}, "`error`: 'timed out'"),
    ({"data": [], "errors": ["timed out"]}, "`errors`"),
    ({"data": [], "meta": {"errors": [{"shard": 1}]}}, "`meta.errors`"),
    ({"data": {"campaigns": [], "errorCount": 1}}, "`data.errorCount`: 1"),
    ({"data": [], "warning": "not all could be read"}, "`warning`"),
    ({"data": [], "warnings": ["one shard is down"]}, "`warnings`"),
    ({"data": [], "message": "maintenance"}, "`message`: 'maintenance'"),
    ({"data": [], "partial": True}, "`partial`: true"),
    ({"data": {"campaigns": ONE, "partial": True}}, "`data.partial`"),
    ({"data": [], "truncated": True}, "`truncated`"),
    ({"data": [], "isComplete": False}, "`isComplete`: false"),
    ({"data": [], "count": 3}, "`count`"),
    ({"data": [], "totalCount": 104}, "104 .`totalCount`"),
    ({"data": [], "total_count": "104"}, "`total_count`"),
    ({"data": [], "TOTALCOUNT": 104}, "`TOTALCOUNT`"),
    ({"data": [], "meta": {"itemCount": 104}}, "`meta.itemCount`"),
    ({"data": [], "meta": {"pagination": {"total": 2}}}, "`meta.pagination.total`"),
    ({"data": {"campaigns": ONE, "size": 2}}, "`data.size`"),
    ({"data": [], "total": "many"}, "`total`: 'many'"),
    ({"data": [], "total": -1}, "`total`: -1"),
    ({"data": [], "counts": {"running": 3}}, "`counts`"),
    ({"data": [], "next": "https://srv.msgflash.com/2"}, "`next`"),
    ({"data": [], "links": {"next": "https://srv.msgflash.com/2"}}, "`links.next`"),
    ({"data": [], "_links": {"next": {"href": "/2"}}}, "`_links.next`"),
    ({"data": [], "pagination": {"hasNext": True}}, "`pagination.hasNext`: true"),
    ({"data": [], "pagination": {"hasNextPage": True}}, "`pagination.hasNextPage`"),
    ({"data": {"campaigns": [], "nextPage": 2}}, "`data.nextPage`: 2"),
    ({"data": [], "pages": 4}, "4 pages"),
    ({"data": [], "pageCount": 4}, "4 pages"),
    ({"data": [], "pagination": {"page": 1, "totalPages": 4}}, "4 pages"),
    ({"data": [], "hasMore": "yes"}, "`hasMore`: 'yes'"),
    ({"data": [], "hasMore": 1}, "`hasMore`: 1"),
    ({"data": [], "hasMore": True}, "counts more"),
    ({"data": {"campaigns": [], "hasMore": "yes", "nextCursor": "x"}}, "`data.hasMore`"),
    ({"data": {"campaigns": [], "hasMore": False}, "hasMore": True}, "say different things"),
    ({"data": [], "remaining": 7}, "`remaining`: 7"),
    ({"data": [], "archived": ONE}, "`archived`"),
    ({"data": [], "campaigns": ONE}, "`campaigns`"),
]


@pytest.mark.parametrize(("body", "words"), STRANGE, ids=[json.dumps(body)[:70] for body, _ in STRANGE])
def test_a_strange_answer_is_no_empty_account(body: Json, words: str) -> None:
    with pytest.raises(BadAnswer, match=words) as caught:
        fetched(lambda _: body)
    assert "nothing was sent" in caught.value.message
    assert caught.value.hint and caught.value.exit_code == 3


HARMLESS: list[Any] = [
    {"requestId": "r1", "sort": "createdAt_desc", "limit": 100, "page": 1, "version": 3, "took": 12.5},
    {"success": True, "error": None, "errors": [], "warnings": [], "message": "OK", "status": "success", "code": 200},
    {"total": 1, "count": 1, "totalPages": 1, "pageCount": 1, "pages": 1, "perPage": 50, "pageSize": 50},
    {"hasMore": False, "nextCursor": None, "next": None, "links": {"self": "/1", "next": None, "prev": "/0"}},
    {"meta": {"accountId": "a1", "country": "FR", "discount": 5, "new": 1}, "filters": {"status": "any"}},
    {"pagination": {"page": 1, "hasNext": False, "hasPrevious": True, "currentPage": 1}, "isLast": True},
    {"partial": False, "truncated": False, "complete": True, "tags": ["a", "b"], "deprecated": True},
]


@pytest.mark.parametrize("beside", HARMLESS)
@pytest.mark.parametrize("inside", [False, True])
def test_what_speaks_of_none_of_these_is_passed_over(beside: dict[str, Json], inside: bool) -> None:
    body: Json = {"data": {"campaigns": ONE, **beside}} if inside else {**beside, "data": ONE}
    assert ids(fetched(lambda _: body)) == ["c0"]


def test_the_documented_shapes() -> None:
    paging: dict[str, Json] = {"total": 1, "limit": 50, "nextCursor": None, "hasMore": False}
    for name in ("contacts", "groups", "messages", "campaigns"):
        assert read_page({"data": {name: ONE, **paging, "sort": "name_asc"}}, name).items == ONE
    assert read_page({"data": ONE}, "instances").items == ONE
    assert read_page({"data": {"templates": ONE, "total": 1, "page": 1, "limit": 20}}, "templates").items == ONE


COUNTING = ["total", "count", "totalCount", "total_count", "itemCount", "totalItems", "size", "recordsTotal"]
PLACES = ["", "data", "pagination", "meta"]


@settings(deadline=None, max_examples=300)
@given(data=st.data(), count=st.integers(1, 60), key=st.sampled_from(COUNTING), place=st.sampled_from(PLACES))
def test_items_that_were_dropped_are_missed_wherever_they_are_counted(
    data: st.DataObject, count: int, key: str, place: str
) -> None:
    """Whatever the server leaves out, and whatever it calls the number: never accepted."""
    items = campaigns(count)
    kept = data.draw(st.lists(st.sampled_from(items), unique_by=lambda item: str(item["id"]), max_size=count - 1))  # type: ignore[index, call-overload]
    size = data.draw(st.integers(1, count))
    cursor = data.draw(st.booleans())

    def answering(query: Query) -> Json:
        start = int(query.get("cursor", 0)) if cursor else (int(query.get("page", 1)) - 1) * size
        shown: dict[str, Json] = {"campaigns": kept[start : start + size]}
        if cursor:
            more = start + size < len(kept)
            shown |= {"hasMore": more, "nextCursor": str(start + size) if more else None}
        return counted(shown, key, place, count)

    with pytest.raises(BadAnswer, match=f"counts {count} "):
        fetched(answering)


def counted(shown: dict[str, Json], key: str, place: str, count: int) -> Json:
    if place == "data":
        return {"data": {**shown, key: count}}
    return {"data": shown, **({place: {key: count}} if place else {key: count})}


@settings(deadline=None)
@given(count=st.integers(0, 60), key=st.sampled_from(COUNTING), place=st.sampled_from(PLACES))
def test_a_list_that_is_as_long_as_it_is_counted_is_whole(count: int, key: str, place: str) -> None:
    items = campaigns(count)

    def answering(query: Query) -> Json:
        start = (int(query.get("page", 1)) - 1) * 50
        return counted({"campaigns": items[start : start + 50]}, key, place, count)

    assert ids(fetched(answering)) == ids(items)


def test_a_count_per_page_does_not_make_a_page_the_whole() -> None:
    """`count` may be that of the page: a full page is asked for its next one all the same."""
    items = campaigns(45)

    def answering(query: Query) -> Json:
        start = (int(query.get("page", 1)) - 1) * 20
        shown = items[start : start + 20]
        return {"data": shown, "count": len(shown)}

    assert len(fetched(answering)) == 45


def test_what_is_promised_on_a_page_is_kept_by_the_next() -> None:
    first, second = campaigns(2)

    def answering(query: Query) -> Json:
        if "cursor" in query:
            return {"data": {"campaigns": [second], "nextCursor": None}}
        return {"data": {"campaigns": [first], "nextCursor": "b", "links": {"next": "/2"}}}

    assert ids(fetched(answering)) == ["c0", "c1"]


FAILED: list[dict[str, Json]] = [
    {"success": False},
    {"ok": False},
    {"status": "error"},
    {"error": {"code": "X"}},
    {"errors": ["x"]},
    {"meta": {"errors": ["x"]}},
]


@pytest.mark.parametrize("beside", FAILED)
def test_one_object_beside_which_a_failure_is_said(beside: dict[str, Json]) -> None:
    body = {**beside, "data": {"id": "c1", "name": "Spring", "status": "scheduled"}}
    read, _ = said([answer(body)], "get campaign")
    assert type(read) is BadAnswer
    for call in ("create campaign", "pause campaign", "resume campaign", "cancel campaign"):
        written, wire = said([answer(body)], call)
        assert isinstance(written, Ambiguous), call
        assert len(wire.received) == 1


def test_words_and_warnings_beside_one_object_are_no_failure() -> None:
    body = {
        "success": True,
        "message": "Campaign created",
        "warnings": ["cold audience"],
        "data": {"id": "c1", "name": "Spring", "status": "failed", "error": "x"},
    }
    assert said([answer(body)], "create campaign")[0].id == "c1"
    assert said([answer(body)], "get campaign")[0].status == "failed"


@pytest.mark.parametrize("key", ["nextCursor", "next_cursor", "NEXT-CURSOR", "nextcursor", "NextCursor"])
def test_a_key_is_read_by_its_words(key: str) -> None:
    assert words(key) == {"next", "cursor"}


@pytest.mark.parametrize(
    ("key", "about"),
    [
        ("account", None),
        ("country", None),
        ("accountId", None),
        ("moreover", None),
        ("page", None),
        ("prevCursor", None),
        ("pageSize", Topic.LIMIT),
        ("limit", Topic.LIMIT),
        ("lastPage", Topic.PAGES),
        ("nextPage", Topic.MORE),
        ("errorCount", Topic.FAULT),
        ("isLast", Topic.WHOLE),
        ("hasmore", Topic.MORE),
        ("", None),
        ("\x1b[31m", None),
    ],
)
def test_what_a_key_speaks_of(key: str, about: Topic | None) -> None:
    assert topic(key) is about
