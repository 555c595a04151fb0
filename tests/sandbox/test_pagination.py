"""Each list in its documented envelope, whole for whoever follows it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.sandbox import Behaviour, Sandbox
from tests.sandbox.api import START, TEXT, Api
from tests.support.server import running

CAMPAIGNS = 23


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(now=lambda: START, behaviour=Behaviour(lists=True, rate_limit=1_000_000))
    for number in range(CAMPAIGNS):
        sandbox.add_campaign({**TEXT, "name": f"N{number}"})
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> Iterator[Api]:
    with running(sandbox) as url:
        api = Api(url)
        yield api
        api.http.close()


def by_cursor(api: Api, path: str, name: str, **query: Any) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.get(path, **query, **cursor).data
        assert page.keys() >= {name, "total", "limit", "nextCursor", "hasMore"}
        assert page["hasMore"] == (page["nextCursor"] is not None)
        found += [each["id"] for each in page[name]]
        if not page["hasMore"]:
            assert page["total"] == len(found)
            return found
        cursor = {"cursor": page["nextCursor"]}


def by_page(api: Api, path: str, name: str, **query: Any) -> list[str]:
    found: list[str] = []
    for number in range(1, 1000):
        page = api.get(path, **query, page=number).data
        found += [each["id"] for each in page[name]]
        assert page["page"] == number
        if len(found) >= page["total"] or not page[name]:
            return found
    raise AssertionError("goes on for ever")


@settings(deadline=None, max_examples=10)
@given(limit=st.integers(20, 100))
def test_contacts_and_groups_by_cursor(api: Api, limit: int) -> None:
    contacts = by_cursor(api, "/contacts", "contacts", limit=limit)
    assert len(contacts) == len(set(contacts)) == 250
    assert len(by_cursor(api, "/contacts/groups", "groups", limit=min(limit, 2))) == 3


@settings(deadline=None, max_examples=20)
@given(limit=st.integers(1, 100))
def test_templates_by_page(api: Api, limit: int) -> None:
    assert len(set(by_page(api, "/templates", "templates", limit=limit))) == 4


@pytest.mark.parametrize("limit", [1, 7, 23, 100])
@pytest.mark.parametrize("envelope", ["cursor", "page", "nested", "plain"])
def test_campaigns_in_every_envelope(api: Api, sandbox: Sandbox, envelope: str, limit: int) -> None:
    sandbox.behaviour = replace(sandbox.behaviour, list_envelope=envelope)
    match envelope:
        case "cursor":
            found = by_cursor(api, "/campaigns", "campaigns", limit=limit)
        case "page":
            found = by_page(api, "/campaigns", "campaigns", limit=limit)
        case "nested":
            found = by_page(api, "/campaigns", "data", limit=limit)
        case _:
            found = [each["id"] for each in api.get("/campaigns", limit=limit).data]
    assert found == [each["id"] for each in sandbox.campaigns()]


def test_a_page_beyond_the_last_is_empty(api: Api) -> None:
    assert api.get("/templates", page=9).data["templates"] == []


def test_defaults(api: Api) -> None:
    assert len(api.get("/contacts").data["contacts"]) == 50
    assert api.get("/contacts").data["sort"] == "createdAt_desc"
    assert api.get("/templates").data["limit"] == 20


@pytest.mark.parametrize("path", ["/contacts", "/contacts/groups", "/templates"])
@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "x", "", "9" * 5000, "\u00b2", "\u0665"])
def test_a_limit_out_of_bounds_is_refused(api: Api, path: str, limit: str) -> None:
    refused = api.get(path, limit=limit)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000])
def test_a_page_out_of_bounds_is_refused(api: Api, page: str) -> None:
    assert api.get("/templates", page=page).code == "VALIDATION_ERROR"


@pytest.mark.parametrize("cursor", ["x", "LTM=", "eA==", "\u00e9", "9" * 5000])
def test_a_cursor_of_ones_own_is_refused(api: Api, cursor: str) -> None:
    refused = api.get("/contacts", cursor=cursor)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")


def test_contacts_are_searched_and_sorted(api: Api) -> None:
    found = api.get("/contacts", search="contact 25").data["contacts"]
    assert [each["name"] for each in found] == ["Contact 25", "Contact 250"]
    assert [each["name"] for each in api.get("/contacts", search="+33639981000").data["contacts"]] == ["Contact 1"]
    names = [each["name"] for each in api.get("/contacts", sort="name_asc", limit=100).data["contacts"]]
    assert names == sorted(names)
    assert api.get("/contacts", sort="phone").code == "VALIDATION_ERROR"
