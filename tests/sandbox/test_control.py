"""The sandbox is steered over HTTP too, for rehearsals in another process; and it listens to this machine alone."""

import json
import math
import socket
from typing import Any

import pytest

from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.server import listen, url_of
from tests.sandbox.api import ABSENT, BUTTONS, TEXT, Api


def test_the_state_shows_what_answers_hide(api: Api, sandbox: Sandbox) -> None:
    api.made(BUTTONS)
    sandbox.advance(2 * 86400)
    state = api.steer("/state", method="GET").json()
    assert state["now"] == "2027-03-03T12:00:00.000Z"
    assert state["campaigns"][0]["footer"] == "Thanks"
    assert not [name for name in state["campaigns"][0] if name.startswith("_")]
    assert state["deliveries"][0]["reason"] == "schedule"
    assert state["requests"][0]["path"] == "/campaigns"


def test_the_clock_is_set_forward_only(api: Api) -> None:
    assert api.steer("/clock", {"advance": 3600}).json() == {"now": "2027-03-01T13:00:00.000Z"}
    assert api.steer("/clock", {"now": "2027-03-02T12:00:00Z"}).json() == {"now": "2027-03-02T12:00:00.000Z"}
    for body in ({"advance": -1}, {"now": "2027-03-01T12:00:00Z"}):
        assert api.steer("/clock", body).status_code == 400
    assert api.steer("/state", method="GET").json()["now"] == "2027-03-02T12:00:00.000Z"


def test_faults_are_added_and_cleared(api: Api) -> None:
    api.steer("/faults", {"kind": "status", "times": 9, "status": 503})
    assert api.create().status == 503
    api.steer("/faults", {})
    assert api.create().status == 201


def test_behaviour_is_changed(api: Api) -> None:
    changed = api.steer("/behaviour", {"supports_cancel": True, "list_envelope": "plain"}).json()
    assert (changed["supports_cancel"], changed["list_envelope"]) == (True, "plain")
    assert changed["rate_limit"] == 100_000
    made = api.made()
    assert api.post(f"/campaigns/{made}/cancel").status == 200
    assert isinstance(api.get("/campaigns").data, list)


def test_a_person_in_the_dashboard(api: Api) -> None:
    made = api.steer("/campaigns", {**TEXT, "status": "paused"}).json()["id"]
    assert api.get(f"/campaigns/{made}").data["status"] == "paused"
    api.steer(f"/campaigns/{made}/status", {"status": "cancelled"})
    assert api.get(f"/campaigns/{made}").data["status"] == "cancelled"
    api.steer(f"/campaigns/{made}", method="DELETE")
    assert api.get(f"/campaigns/{made}").status == 404


@pytest.mark.parametrize("found", ["scheduled", "running", "paused", "completed", "cancelled", "failed", "draft"])
def test_a_person_deletes_in_every_status(api: Api, found: str) -> None:
    made = api.made()
    api.steer(f"/campaigns/{made}/status", {"status": found})
    assert api.steer(f"/campaigns/{made}", method="DELETE").status_code == 200
    assert api.get(f"/campaigns/{made}").code == "NOT_FOUND"


def test_the_buttons_of_the_dashboard(api: Api) -> None:
    made = api.made()

    def press(button: str) -> tuple[int, str]:
        code = api.steer(f"/campaigns/{made}/{button}").status_code
        return code, api.get(f"/campaigns/{made}").data["status"]

    assert press("resume") == (400, "scheduled")
    assert press("pause") == (200, "paused")
    assert press("pause") == (400, "paused")
    assert press("resume") == (200, "running")
    assert press("cancel") == (200, "cancelled")
    assert press("cancel") == (400, "cancelled")


def test_a_person_edits(api: Api, sandbox: Sandbox) -> None:
    made = api.made()
    changes = {"body": "Other words", "schedule": "2027-03-05T12:00:00.000Z"}
    assert api.steer(f"/campaigns/{made}", changes, "PATCH").status_code == 200
    sandbox.advance(3 * 86400)
    assert api.steer("/deliveries", method="GET").json() == []
    sandbox.advance(86400)
    (delivery,) = api.steer("/deliveries", method="GET").json()
    assert (delivery["at"], delivery["content"]["body"]) == ("2027-03-05T12:00:00.000Z", "Other words")


@pytest.mark.parametrize("changes", [{"id": "x"}, {"_next": "x"}, {"stats": {}}, {"schedule": "soon"}])
def test_an_edit_that_cannot_be(api: Api, changes: dict[str, Any]) -> None:
    made = api.made()
    before = api.get(f"/campaigns/{made}").data
    assert api.steer(f"/campaigns/{made}", changes, "PATCH").status_code == 400
    assert api.get(f"/campaigns/{made}").data == before


def test_a_contact_more(api: Api) -> None:
    made = api.steer("/contacts", {"name": "Anna", "phone": "+33600000001", "tags": ["vip"]}).json()["id"]
    assert api.get("/contacts", search="anna").data["contacts"][0]["id"] == made


FAULTY: list[tuple[str, Any]] = [
    ("/clock", {}),
    ("/clock", {"advance": "x"}),
    ("/clock", {"advance": 1e300}),
    ("/clock", {"now": "soon"}),
    ("/clock", {"now": "2027-03-02T12:00:00"}),
    ("/clock", []),
    ("/faults", {"kind": "typo"}),
    ("/faults", {"kind": "status", "path": "("}),
    ("/faults", {"times": 1}),
    ("/faults", {"kind": "status", "unknown": 1}),
    ("/behaviour", {"unknown": 1}),
    ("/campaigns", {}),
    ("/campaigns", [1]),
    (f"/campaigns/{ABSENT}/status", {"status": "paused"}),
    (f"/campaigns/{ABSENT}/status", {}),
    *((f"/campaigns/{ABSENT}/{button}", {}) for button in ("pause", "resume", "cancel")),
    ("/behaviour", {"answers": "short"}),
    ("/behaviour", {"lists": "no"}),
    ("/contacts", {"name": "Anna"}),
]


@pytest.mark.parametrize(("path", "body"), FAULTY)
def test_a_faulty_order_is_refused_and_changes_nothing(api: Api, path: str, body: Any) -> None:
    before = api.steer("/state", method="GET").json()
    refused = api.steer(path, body)
    assert refused.status_code == 400
    assert refused.json()["error"]
    assert api.steer("/state", method="GET").json() == before
    assert api.create().status == 201


@pytest.mark.parametrize("raw", ["{", json.dumps({"advance": math.nan}), "\xff"])
def test_what_is_no_order_is_refused(api: Api, raw: str) -> None:
    assert api.http.post("/_sandbox/clock", content=raw.encode("latin-1")).status_code == 400


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "192.168.1.10", "10.0.0.1", "::", "example.com", "", "127.0.0.1.example.com"]
)
def test_no_other_machine_can_reach_it(host: str) -> None:
    with pytest.raises(ValueError, match=r"loopback|no address"):
        listen(host, 0)


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("127.8.8.8", "127.8.8.8")]
)
def test_loopback_addresses(host: str, shown: str) -> None:
    with listen(host, 0) as listening:
        assert url_of(listening) == f"http://{shown}:{listening.getsockname()[1]}"


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_loopback_of_ipv6() -> None:
    try:
        listening = listen("::1", 0)
    except OSError:
        pytest.skip("this machine has no ::1")
    with listening:
        assert url_of(listening).startswith("http://[::1]:")
