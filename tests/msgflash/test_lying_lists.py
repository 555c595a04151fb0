"""A server whose list does not add up is found out within a few requests, each of which counts against the monthly quota."""

import itertools
from collections.abc import Callable

import pytest

from msgflash_gitops.errors import BadAnswer, Refused
from msgflash_gitops.model.json_value import Json
from tests.msgflash.test_lists import Query, campaigns, fetched


def refuses(answering: Callable[[Query], Json], words: str, most: int = 6) -> None:
    asked = 0

    def counted(query: Query) -> Json:
        nonlocal asked
        asked += 1
        assert asked <= most, "goes on for ever"
        return answering(query)

    with pytest.raises(BadAnswer, match=words):
        fetched(counted)


def test_the_same_cursor_for_ever() -> None:
    fresh = itertools.count()
    refuses(
        lambda _: {"data": {"campaigns": [{"id": f"{next(fresh)}"}], "nextCursor": "x", "hasMore": True}},
        "repeats a cursor",
    )


def test_new_cursors_to_the_same_page() -> None:
    fresh = itertools.count()
    refuses(
        lambda _: {"data": {"campaigns": campaigns(3), "nextCursor": f"{next(fresh)}", "hasMore": True}},
        "repeats itself",
    )


def test_new_cursors_to_nothing() -> None:
    fresh = itertools.count()
    refuses(lambda _: {"data": {"campaigns": [], "nextCursor": f"{next(fresh)}"}}, "repeats itself")


def test_the_same_page_whatever_is_asked_for() -> None:
    refuses(lambda _: {"data": {"campaigns": campaigns(3), "hasMore": True}}, "counts more and shows 3")


def test_more_counted_than_shown() -> None:
    refuses(lambda _: {"data": {"campaigns": campaigns(3), "total": 9}}, "counts 9 .* and shows 3")
    refuses(lambda _: {"data": {"campaigns": campaigns(3), "total": "9"}}, "counts 9 .* and shows 3")
    refuses(lambda _: {"data": {"campaigns": campaigns(3), "total": 9, "hasMore": False}}, "counts 9")


def test_more_pages_counted_than_shown() -> None:
    refuses(lambda _: {"data": {"campaigns": campaigns(3), "totalPages": 3}}, "shows 3")


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_next_page_that_is_promised_and_refused(status: int) -> None:
    def answering(query: Query) -> Json:
        if "page" in query:
            raise Refused("no", status=status)
        return {"data": {"campaigns": campaigns(3), "hasMore": True}}

    refuses(answering, "says that there is more and refuses it")


@pytest.mark.parametrize("cursor", [{"after": "c3"}, ["c3"], True, 1.5])
def test_a_cursor_that_cannot_be_sent_back(cursor: Json) -> None:
    refuses(lambda _: {"data": {"campaigns": campaigns(3), "nextCursor": cursor}}, "not understood")


@pytest.mark.parametrize("name", ["next", "nextPage", "next_page_token"])
def test_more_in_a_way_that_is_not_understood(name: str) -> None:
    refuses(lambda _: {"data": campaigns(3), name: "https://srv.msgflash.com/2"}, "not understood")


def test_a_list_that_changes_each_time() -> None:
    total = itertools.count(10)

    def answering(query: Query) -> Json:
        number = int(query.get("page", 1))
        return {
            "data": {"campaigns": campaigns(6)[3 * number - 3 : 3 * number], "total": next(total) if number < 3 else 5}
        }

    refuses(answering, "changed each time", most=12)
