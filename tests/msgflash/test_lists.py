"""A list is read whole, in whatever envelope it comes, or not at all: one that is cut short would mean sending twice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.errors import ApiError, BadAnswer, Refused
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.msgflash import Credentials, Secret, open_client
from msgflash_gitops.msgflash.paging import fetch_all
from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from tests.msgflash.client import said
from tests.msgflash.clocks import QuickClock
from tests.msgflash.wire import Received, answer, refused
from tests.support.server import running

Query = Mapping[str, str]
Envelope = Callable[[list[Json], Query, int], Json]


def campaigns(count: int) -> list[Json]:
    return [{"id": f"c{number}", "name": f"N{number}", "status": "scheduled"} for number in range(count)]


def ids(items: list[Any]) -> list[str]:
    return [each["id"] if isinstance(each, Mapping) else each.id for each in items]


def by_cursor(items: list[Json], query: Query, size: int) -> Json:
    start = int(query.get("cursor", "n0")[1:])
    more = start + size < len(items)
    cursor = f"n{start + size}" if more else None
    return {
        "data": {"campaigns": items[start : start + size], "nextCursor": cursor, "hasMore": more, "total": len(items)}
    }


def by_bare_cursor(items: list[Json], query: Query, size: int) -> Json:
    """Neither a count nor `hasMore`; the cursor is null at the end."""
    start = int(query.get("cursor", 0))
    return {"data": items[start : start + size], "nextCursor": start + size if start + size < len(items) else None}


def by_snake_case(items: list[Json], query: Query, size: int) -> Json:
    start = int(query.get("cursor", 0))
    more = start + size < len(items)
    paging = {"next_cursor": str(start + size) if more else None, "has_more": more}
    return {"data": {"data": items[start : start + size], "pagination": paging}}


def by_page(items: list[Json], query: Query, size: int) -> Json:
    start = (int(query.get("page", 1)) - 1) * size
    return {"data": {"campaigns": items[start : start + size], "total": len(items), "limit": size}}


def by_counted_pages(items: list[Json], query: Query, size: int) -> Json:
    start = (int(query.get("page", 1)) - 1) * size
    return {"data": {"data": items[start : start + size], "meta": {"totalPages": -(-len(items) // size)}}}


def by_page_that_names_its_size(items: list[Json], query: Query, size: int) -> Json:
    """Only `limit` hints at more."""
    start = (int(query.get("page", 1)) - 1) * size
    return {"data": {"campaigns": items[start : start + size], "limit": size}}


def plain(items: list[Json], query: Query, size: int) -> Json:
    return {"data": items}


ENVELOPES: list[Envelope] = [
    by_cursor,
    by_bare_cursor,
    by_snake_case,
    by_page,
    by_counted_pages,
    by_page_that_names_its_size,
    plain,
]


def fetched(answering: Callable[[Query], Json], parameters: Query | None = None) -> list[Json]:
    async def fetch(query: Query) -> Json:
        return answering(query)

    return asyncio.run(fetch_all(fetch, "campaigns", parameters or {}))


@settings(deadline=None)
@given(envelope=st.sampled_from(ENVELOPES), count=st.integers(0, 75), size=st.integers(1, 30))
def test_every_envelope_is_read_whole(envelope: Envelope, count: int, size: int) -> None:
    items = campaigns(count)
    assert ids(fetched(lambda query: envelope(items, query, size))) == ids(items)


@settings(deadline=None)
@given(count=st.integers(0, 130), size=st.sampled_from([20, 25, 50, 100]))
def test_a_plain_list_that_looks_like_a_page_is_asked_for_the_next(count: int, size: int) -> None:
    items = campaigns(count)

    def answering(query: Query) -> Json:
        start = (int(query.get("page", 1)) - 1) * size
        return {"data": items[start : start + size]}

    assert ids(fetched(answering)) == ids(items)


@pytest.mark.parametrize("envelope", ["cursor", "plain", "page", "nested"])
@pytest.mark.parametrize("count", [0, 1, 100, 205])
def test_campaigns_of_the_sandbox(envelope: str, count: int) -> None:
    sandbox = Sandbox(behaviour=Behaviour(lists=True, list_envelope=envelope, rate_limit=1000))
    body = {"instanceId": "i", "name": "n", "schedule": "2031-01-01T00:00:00Z", "recipients": {"type": "all"}}
    made = [sandbox.add_campaign(body)["id"] for _ in range(count)]
    assert ids(from_sandbox(sandbox, lambda client: client.list_campaigns())) == made
    sandbox.close()


def from_sandbox(sandbox: Sandbox, call: Callable[[Any], Awaitable[list[Any]]]) -> list[Any]:
    async def scenario(url: str) -> list[Any]:
        async with open_client(Credentials(url, Secret(sandbox.api_key)), QuickClock()) as client:
            return await call(client)

    with running(sandbox) as url:
        return asyncio.run(scenario(url))


def test_instances_templates_and_groups_of_the_sandbox() -> None:
    sandbox = Sandbox()
    instances = from_sandbox(sandbox, lambda client: client.list_instances())
    assert [each.name for each in instances] == ["boutique-principale", "boutique-lyon", "sav"]
    assert instances[0].number == "+33639980001"
    templates = from_sandbox(sandbox, lambda client: client.list_templates())
    assert "custom.code" in templates[0].variables
    groups = from_sandbox(sandbox, lambda client: client.list_groups())
    assert [each.contact_count for each in groups] == [24, 180, 6]
    sandbox.close()


@pytest.mark.parametrize("status", [400, 422])
def test_where_the_limit_is_refused_the_list_is_asked_for_without(status: int) -> None:
    sandbox = Sandbox(behaviour=Behaviour(lists=True))
    sandbox.faults.add(Fault("refuse", "GET", "/campaigns$", code="VALIDATION_ERROR", status=status))
    assert from_sandbox(sandbox, lambda client: client.list_campaigns()) == []
    assert [dict(each.query) for each in sandbox.requests] == [{"limit": "100"}, {}]
    sandbox.close()


def test_a_refusal_of_both_is_an_error() -> None:
    error, wire = said([refused("VALIDATION_ERROR", 400)], "list campaigns")
    assert isinstance(error, Refused)
    assert len(wire.received) == 2


def query_of(request: Received) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1, max_size=30))
def test_a_cursor_comes_back_to_the_server_as_it_was(cursor: str) -> None:
    items = campaigns(2)

    def script(request: Received) -> bytes:
        if "cursor" not in query_of(request):
            return answer({"data": {"campaigns": items[:1], "nextCursor": cursor, "hasMore": True}})
        return answer({"data": {"campaigns": items[1:], "nextCursor": None, "hasMore": False}})

    found, wire = said(script, "list campaigns")
    assert ids(found) == ids(items)
    assert query_of(wire.received[1]) == {"limit": "100", "cursor": cursor}


def test_a_list_that_changed_once_is_read_again() -> None:
    totals = iter([4, 3, 3, 3])

    def answering(query: Query) -> Json:
        number = int(query.get("page", 1))
        return {"data": {"campaigns": campaigns(3)[2 * number - 2 : 2 * number], "total": next(totals)}}

    assert ids(fetched(answering)) == ["c0", "c1", "c2"]


def test_an_item_that_moved_between_pages_is_listed_once() -> None:
    pages = {"": (0, 3), "b": (2, 5)}

    def answering(query: Query) -> Json:
        first, last = pages[query.get("cursor", "")]
        return {"data": {"campaigns": campaigns(5)[first:last], "nextCursor": "b" if last < 5 else None}}

    assert ids(fetched(answering)) == ["c0", "c1", "c2", "c3", "c4"]


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_page_that_is_only_probed_for_may_be_refused(status: int) -> None:
    def answering(query: Query) -> Json:
        if "page" in query:
            raise Refused("no", status=status)
        return {"data": campaigns(20)}

    assert len(fetched(answering)) == 20


def test_a_probe_that_is_refused_for_another_reason_is_an_error() -> None:
    def answering(query: Query) -> Json:
        if "page" in query:
            raise Refused("quota", status=429)
        return {"data": campaigns(20)}

    with pytest.raises(Refused, match="quota"):
        fetched(answering)


NO_LISTS: list[Any] = [None, 5, "x", {}, {"data": None}, {"data": 5}, {"data": {}}, {"data": {"campaigns": {}}}]
NO_LISTS += [
    {"data": {"a": [], "b": []}},
    {"data": [5]},
    {"data": [{"id": 5}]},
    {"data": [{"id": ""}]},
    {"data": [{}]},
    {"data": [[]]},
]


@pytest.mark.parametrize("body", NO_LISTS)
@pytest.mark.parametrize("call", ["list campaigns", "list instances", "list templates", "list groups"])
def test_an_answer_that_holds_no_list_is_named(call: str, body: Json) -> None:
    error, _ = said([answer(body)], call)
    assert isinstance(error, BadAnswer)
    assert call.split()[1] in error.message
    assert isinstance(error, ApiError) and error.exit_code == 3


@pytest.mark.parametrize("body", [{"data": []}, {"data": {"items": []}}, {"data": {"data": []}}])
def test_an_empty_list_in_any_shape(body: Json) -> None:
    found, _ = said([answer(body)], "list campaigns")
    assert found == []


@pytest.mark.parametrize(
    ("call", "target"),
    [
        (lambda client: client.list_campaigns(), "/api/v1/campaigns?limit=100"),
        (lambda client: client.lists_campaigns(), "/api/v1/campaigns?limit=1"),
        (lambda client: client.list_instances(), "/api/v1/instances"),
        (lambda client: client.list_templates(), "/api/v1/templates?page=1&limit=100"),
        (lambda client: client.list_groups(), "/api/v1/contacts/groups?limit=100"),
        (lambda client: client.list_contact_tags(), "/api/v1/contacts?limit=100"),
        (lambda client: client.count_contacts(), "/api/v1/contacts?limit=1"),
        (lambda client: client.list_messages("i1", 1), "/api/v1/messages?limit=100&instanceId=i1"),
        (lambda client: client.get_campaign("a/b c"), "/api/v1/campaigns/a%2Fb%20c"),
        (lambda client: client.pause_campaign("c1"), "/api/v1/campaigns/c1/pause"),
        (lambda client: client.resume_campaign("c1"), "/api/v1/campaigns/c1/resume"),
        (lambda client: client.cancel_campaign("c1"), "/api/v1/campaigns/c1/cancel"),
        (lambda client: client.create_campaign({}), "/api/v1/campaigns"),
    ],
)
def test_the_route_of_every_call(call: Any, target: str) -> None:
    """The largest pages that the documentation allows: requests are a monthly budget."""
    _, wire = said([answer({"data": []})], call)
    assert wire.received[0].target == target


@pytest.mark.parametrize(("total", "count"), [(250, 250), (0, 0), (None, None), ("12", 12)])
def test_contacts_are_counted_by_what_the_first_page_says(total: object, count: int | None) -> None:
    body = {"data": {"contacts": [], "total": total, "limit": 1, "nextCursor": None, "hasMore": False}}
    found, _ = said([answer(body)], lambda client: client.count_contacts())
    assert found == count


def test_the_items_of_a_list_are_named_by_their_place() -> None:
    whole = {"id": "c1", "name": "n", "status": "s"}
    for call, name in (("list campaigns", "campaigns"), ("list templates", "templates"), ("list groups", "groups")):
        error, _ = said([answer({"data": {name: [whole, {"id": "c2"}]}})], call)
        assert error.message == f"{name}[1].name: expected text, got nothing"
    error, _ = said([answer({"data": [whole, {"id": "c2"}]})], "list instances")
    assert error.message == "instances[1].name: expected text, got nothing"
