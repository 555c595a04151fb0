"""Each fault does what it says, over a real connection: whether it was stored, and what the client sees of it."""

from typing import Any

import httpx
import pytest

from msgflash_gitops.sandbox import Fault, Sandbox
from msgflash_gitops.sandbox.behaviour import FAULTS
from tests.sandbox.api import TEXT, Api

STORED_NOTHING = {"drop-before", "status", "rate-limit", "refuse"}
STORED = {
    "drop-after",
    "hang-after",
    "hang-before",
    "status-after",
    "garbage",
    "truncated",
    "wrong-shape",
    "alter-name",
    "lie-id",
    "foreign-answer",
    "drip",
    "huge",
    "pad",
}


def names(sandbox: Sandbox) -> list[str]:
    return [each["name"] for each in sandbox.campaigns()]


def attempt(api: Api) -> httpx.Response | None:
    """None: dropped without an answer."""
    try:
        return api.http.post("/api/v1/campaigns", json=TEXT)
    except httpx.RemoteProtocolError:
        return None
    except httpx.ReadError:
        return None


def beginning(api: Api, size: int) -> bytes:
    """So much of an answer that has no end, and the connection is closed."""
    found = b""
    with api.http.stream("POST", "/api/v1/campaigns", json=TEXT) as answer:
        assert answer.status_code == 201
        for chunk in answer.iter_raw():
            found += chunk
            if len(found) >= size:
                return found
    raise AssertionError("the answer has an end")


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_what_each_fault_leaves_behind(api: Api, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind, path="/campaigns$", delay=0.05, interval=0.0001))
    if kind == "pad":
        beginning(api, 50)
    else:
        attempt(api)
    assert bool(names(sandbox)) == (kind in STORED)
    before = names(sandbox)
    assert api.create(name="Next").status == 201
    assert names(sandbox) == [*before, "Next"]


def test_every_kind_is_tested() -> None:
    assert FAULTS == STORED | STORED_NOTHING


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
def test_a_drop_closes_without_an_answer(api: Api, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind))
    assert attempt(api) is None
    assert sandbox.requests[-1].status is None


@pytest.mark.parametrize("kind", ["status", "status-after"])
@pytest.mark.parametrize(("status", "code"), [(500, "INTERNAL_ERROR"), (502, "PROVIDER_TIMEOUT"), (503, "ODD")])
def test_a_failure_of_the_server(api: Api, sandbox: Sandbox, kind: str, status: int, code: str) -> None:
    sandbox.faults.add(Fault(kind, status=status, code=code))
    answer = api.create()
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("retry_after", [None, "7", "Mon, 01 Mar 2027 12:00:09 GMT"])
def test_a_rate_limit(api: Api, sandbox: Sandbox, retry_after: str | None) -> None:
    sandbox.faults.add(Fault("rate-limit", retry_after=retry_after))
    answer = api.create()
    assert (answer.status, answer.code) == (429, "API_RATE_LIMIT_EXCEEDED")
    assert answer.headers.get("retry-after") == retry_after


@pytest.mark.parametrize("kind", ["garbage", "truncated"])
def test_an_answer_that_is_no_json(api: Api, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind))
    answer = attempt(api)
    assert answer is not None and answer.status_code == 201
    with pytest.raises(ValueError):
        answer.json()


def test_an_answer_of_another_shape(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("wrong-shape"))
    assert api.create().data == {"unexpected": True}


def test_a_name_that_is_altered(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("alter-name"))
    assert api.create(name="Spring [crm/a@0123456789]").data["name"] == "Spring [crm/a@0123456"
    assert names(sandbox) == ["Spring [crm/a@0123456"]


def test_an_answer_under_another_id(api: Api, sandbox: Sandbox) -> None:
    made = api.made()
    sandbox.faults.add(Fault("lie-id", method="GET"))
    lied = api.get(f"/campaigns/{made}").data
    told = api.get(f"/campaigns/{made}").data
    assert lied["id"] != made
    assert {**lied, "id": made} == told


def test_another_campaigns_answer(api: Api, sandbox: Sandbox) -> None:
    other, made = api.made(name="Other"), api.made(name="Asked for")
    sandbox.faults.add(Fault("foreign-answer", method="GET"))
    assert api.get(f"/campaigns/{made}").data["id"] == other
    assert api.get(f"/campaigns/{made}").data["id"] == made


def test_another_campaigns_answer_where_there_is_no_other(api: Api, sandbox: Sandbox) -> None:
    made = api.made()
    sandbox.faults.add(Fault("foreign-answer", method="GET"))
    foreign = api.get(f"/campaigns/{made}").data
    assert foreign["id"] != made
    assert foreign["name"] == "Somebody else's"


def test_an_answer_that_comes_byte_after_byte(api: Api, sandbox: Sandbox) -> None:
    made = api.made()
    whole = api.http.get(f"/api/v1/campaigns/{made}").content
    sandbox.faults.add(Fault("drip", method="GET", interval=0.0001))
    with api.http.stream("GET", f"/api/v1/campaigns/{made}") as answer:
        chunks = list(answer.iter_raw())
    assert b"".join(chunks) == whole
    assert len(chunks) > 10


def test_white_space_without_end(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("pad", interval=0.0001))
    assert beginning(api, 500).strip() == b""
    assert api.get("/instances").status == 200


def test_an_answer_of_sixty_megabytes(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("huge", method="GET"))
    size, first, last = 0, b"", b""
    with api.http.stream("GET", "/api/v1/instances") as answer:
        for chunk in answer.iter_raw():
            size, first, last = size + len(chunk), first or chunk, chunk
    assert 59 * 2**20 < size < 61 * 2**20
    assert first.startswith(b'{"data": [')
    assert last.endswith(b"[]]}")


@pytest.mark.parametrize(("kind", "stored"), [("hang-before", 0), ("hang-after", 1)])
def test_a_hang_comes_before_or_after_the_effect(api: Api, sandbox: Sandbox, kind: str, stored: int) -> None:
    sandbox.faults.add(Fault(kind, delay=600))
    with pytest.raises(httpx.ReadTimeout):
        api.http.post("/api/v1/campaigns", json=TEXT, timeout=0.4)
    assert len(names(sandbox)) == stored


def test_others_are_answered_while_one_hangs(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("hang-before", delay=600))
    with pytest.raises(httpx.ReadTimeout):
        api.http.post("/api/v1/campaigns", json=TEXT, timeout=0.2)
    assert api.get("/instances").status == 200
    assert [each.status for each in sandbox.requests] == [None, 200]


def statuses(api: Api, count: int) -> list[int]:
    return [api.create().status for _ in range(count)]


def test_times_and_skip(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", times=2, skip=1))
    assert statuses(api, 5) == [201, 500, 500, 201, 201]


def test_faults_come_in_the_order_in_which_they_were_added(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", status=500))
    sandbox.faults.add(Fault("status", status=503))
    assert statuses(api, 3) == [500, 503, 201]


def test_a_fault_is_for_its_method_and_path(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", method="POST", path="/pause$"))
    made = api.made()
    assert api.get(f"/campaigns/{made}").status == 200
    assert api.post(f"/campaigns/{made}/pause").status == 500
    assert api.post(f"/campaigns/{made}/pause").status == 200


def test_waiting_faults_can_be_cleared(api: Api, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", times=99))
    sandbox.faults.clear()
    assert statuses(api, 1) == [201]


def test_a_key_is_checked_before_any_fault(url: str, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status"))
    stranger = Api(url, "x")
    assert stranger.create().status == 401
    stranger.http.close()


@pytest.mark.parametrize("fault", [{"kind": "typo"}, {"kind": "status", "path": "("}])
def test_a_fault_that_cannot_be_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Fault(**fault)


def test_what_arrived_is_remembered(api: Api, sandbox: Sandbox) -> None:
    api.get("/contacts", limit=7)
    api.create(name="Remembered")
    first, second = sandbox.requests
    assert (first.method, first.path, dict(first.query), first.status) == ("GET", "/contacts", {"limit": "7"}, 200)
    assert (second.method, second.path, second.body["name"], second.status) == ("POST", "/campaigns", "Remembered", 201)
