"""What the documentation refuses, the sandbox refuses, with the documented code, and stores nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from msgflash_gitops.sandbox.problems import STATUS
from msgflash_gitops.sandbox.seed import sample_id
from tests.sandbox.api import ABSENT, BUTTONS, GROUP, START, TEMPLATE, TEXT, Api
from tests.support.server import running

GONE = object()
MEDIA = ["image", "video", "audio", "document", "voice_note"]
PIX = {"type": "pix", "displayText": "Pay", "currency": "BRL", "name": "Shop", "keyType": "email", "key": "a@x.example"}
REPLY = {"type": "reply", "displayText": "Yes", "id": "yes"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One for all: what is refused leaves nothing behind."""
    sandbox = Sandbox(now=lambda: START, behaviour=Behaviour(lists=True, rate_limit=100_000))
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> Iterator[Api]:
    with running(sandbox) as url:
        api = Api(url)
        yield api
        api.http.close()


@pytest.fixture
def unchanged(sandbox: Sandbox) -> Iterator[None]:
    """Nothing is stored by the end of the test that was not stored before."""
    before = sandbox.campaigns()
    yield
    assert sandbox.campaigns() == before


def changed(base: Any, /, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**base, **changes}.items() if value is not GONE}


FAULTY = [
    (changed(TEXT, instanceId=GONE), "instanceId"),
    (changed(TEXT, instanceId="boutique-principale"), "instanceId"),
    (changed(TEXT, instanceId=None), "instanceId"),
    (changed(TEXT, name=GONE), "name"),
    (changed(TEXT, name="  "), "name"),
    (changed(TEXT, name=5), "name"),
    (changed(TEXT, schedule=GONE), "schedule"),
    (changed(TEXT, schedule="2027-03-02"), "schedule"),
    (changed(TEXT, schedule="2027-03-02T12:00:00"), "schedule"),
    (changed(TEXT, schedule="tomorrow"), "schedule"),
    (changed(TEXT, schedule=1803988800), "schedule"),
    (changed(TEXT, schedule="9999-12-31T23:59:59-14:00"), "schedule"),
    (changed(TEXT, repeat="monthly"), "repeat"),
    (changed(TEXT, repeat="noe"), "repeat"),
    (changed(TEXT, repeat=[]), "repeat"),
    (changed(TEXT, recipients=GONE), "recipients"),
    (changed(TEXT, recipients="all"), "recipients"),
    (changed(TEXT, recipients={}), "recipients.type"),
    (changed(TEXT, recipients={"type": "everybody"}), "recipients.type"),
    (changed(TEXT, recipients={"type": ["all"]}), "recipients.type"),
    (changed(TEXT, recipients={"type": "all", "value": []}), "recipients.value"),
    (changed(TEXT, recipients={"type": "tags", "value": []}), "recipients.value"),
    (changed(TEXT, recipients={"type": "tags", "value": [""]}), "recipients.value"),
    (changed(TEXT, recipients={"type": "tags"}), "recipients.value"),
    (changed(TEXT, recipients={"type": "explicit", "value": []}), "recipients.value"),
    (changed(TEXT, recipients={"type": "explicit", "value": ["Anna"]}), "recipients.value"),
    (changed(TEXT, recipients={"type": "group"}), "recipients.groupId"),
    (changed(TEXT, recipients={"type": "group", "groupId": "VIP Paris"}), "recipients.groupId"),
    (changed(TEXT, recipients={"type": "group", "groupId": GROUP, "group": "VIP"}), "recipients.group"),
    (changed(TEXT, type=GONE, body=GONE), "type"),
    (changed(TEXT, type="sticker"), "type"),
    (changed(TEXT, type={"a": 1}), "type"),
    (changed(TEXT, body=GONE), "body"),
    (changed(TEXT, body=" "), "body"),
    (changed(TEXT, body="x" * 4097), "body"),
    (changed(TEXT, mediaUrl=5), "mediaUrl"),
    (changed(TEXT, type="image", mediaUrl="https://x.example/a", body=5), "body"),
    (changed(BUTTONS, footer=5), "footer"),
    (changed(BUTTONS, body=None), "body"),
    (changed(BUTTONS, buttons=[{**REPLY, "color": "red"}]), "buttons[0].color"),
    (changed(BUTTONS, buttons=[{**REPLY, "id": 5}]), "buttons[0].id"),
    (changed(BUTTONS, buttons=[{**PIX, "keyType": "iban"}]), "buttons[0].keyType"),
    (changed(TEMPLATE, variables={"code": ["X"], "discount": "5%"}), "variables.code"),
    (changed(TEXT, variables={}), "variables"),
    (changed(TEXT, title="x"), "title"),
    (changed(TEXT, buttons=[REPLY]), "buttons"),
    (changed(TEXT, key="april"), "key"),
    (changed(TEXT, paused=True), "paused"),
    *((changed(TEXT, type=kind), "mediaUrl") for kind in MEDIA),
    (changed(BUTTONS, title=GONE), "title"),
    (changed(BUTTONS, description=GONE), "description"),
    (changed(BUTTONS, buttons=GONE), "buttons"),
    (changed(BUTTONS, buttons=[]), "buttons"),
    (changed(BUTTONS, buttons=[REPLY] * 3), "buttons"),
    (changed(BUTTONS, buttons=["Yes"]), "buttons[0]"),
    (changed(BUTTONS, buttons=[REPLY, {"type": "reply", "id": "x"}]), "buttons[1]"),
    (changed(BUTTONS, buttons=[{**REPLY, "type": []}]), "buttons[0]"),
    (changed(BUTTONS, buttons=[{"title": "reply", "displayText": "Yes", "id": "yes"}]), "buttons[0]"),
    (changed(BUTTONS, buttons=[{"type": "reply", "displayText": "Yes"}]), "buttons[0].id"),
    (changed(BUTTONS, buttons=[{"type": "url", "displayText": "Go"}]), "buttons[0].url"),
    (changed(BUTTONS, buttons=[{"type": "call", "displayText": "Go"}]), "buttons[0].phoneNumber"),
    (changed(BUTTONS, buttons=[{"type": "copy", "displayText": "Go"}]), "buttons[0].copyCode"),
    (changed(BUTTONS, buttons=[{"type": "pix", "displayText": "Go"}]), "buttons[0].key"),
    (changed(TEMPLATE, type="text"), "type"),
    (changed(TEMPLATE, body="x"), "body"),
    (changed(TEMPLATE, mediaUrl="https://x.example/a.jpg"), "mediaUrl"),
    (changed(TEMPLATE, templateId="Spring promo"), "templateId"),
    (changed(TEMPLATE, variables=[]), "variables"),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("body", "field"), FAULTY)
def test_a_faulty_campaign_is_refused_at_its_field(api: Api, body: Any, field: str) -> None:
    refused = api.post("/campaigns", body)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")
    assert field in refused.fields


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'"text"', b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_object_is_refused(api: Api, raw: bytes) -> None:
    refused = api.post("/campaigns", content=raw)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")


def test_every_fault_is_listed_at_once(api: Api) -> None:
    assert set(api.post("/campaigns", {}).fields) == {"instanceId", "name", "schedule", "recipients", "type"}


ACCEPTED = [
    TEXT,
    BUTTONS,
    TEMPLATE,
    changed(TEXT, body="x" * 4096),
    changed(BUTTONS, buttons=[PIX]),
    changed(TEXT, repeat="daily"),
    changed(TEXT, recipients={"type": "all"}),
    changed(TEXT, recipients={"type": "explicit", "value": [ABSENT]}),
    changed(TEXT, recipients={"type": "group", "groupId": GROUP}),
    changed(TEXT, schedule="2027-03-02T14:00:00+02:00"),
    *(changed(TEXT, type=kind, mediaUrl="https://x.example/a", body=GONE) for kind in MEDIA),
    changed(BUTTONS, footer=GONE, buttons=[REPLY, {"type": "url", "displayText": "Go", "url": "https://x.example"}]),
]


@pytest.mark.parametrize("body", ACCEPTED)
def test_a_good_campaign_is_created(sandbox: Sandbox, api: Api, body: Any) -> None:
    before = len(sandbox.campaigns())
    assert api.post("/campaigns", body).status == 201
    assert len(sandbox.campaigns()) == before + 1


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "body",
    [
        changed(TEXT, instanceId=ABSENT),
        changed(TEXT, instanceId=sample_id("instance", "ancienne-boutique")),
        changed(TEMPLATE, templateId=ABSENT),
    ],
)
def test_an_object_that_is_not_there_is_not_found(api: Api, body: Any) -> None:
    refused = api.post("/campaigns", body)
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


@pytest.mark.usefixtures("unchanged")
def test_missing_variables_are_named(api: Api) -> None:
    refused = api.post("/campaigns", changed(TEMPLATE, variables={"code": "X"}))
    assert (refused.status, refused.code) == (400, "TEMPLATE_VARIABLES_MISSING")
    assert refused.fields == ["variables.discount"]
    assert api.post("/campaigns", changed(TEMPLATE, variables=GONE)).fields == ["variables.code", "variables.discount"]


@pytest.mark.parametrize("path", ["/campaigns/{}", "/instances/{}", "/instances/{}/state", "/templates/{}"])
@pytest.mark.parametrize("identity", [ABSENT, "x", "%00", "..%2f..", "é"])
def test_reading_what_is_not_there(api: Api, path: str, identity: str) -> None:
    refused = api.get(path.format(identity))
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_acting_on_what_is_not_there(api: Api, action: str) -> None:
    refused = api.post(f"/campaigns/{ABSENT}/{action}")
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("action", ["pause", "resume"])
@pytest.mark.parametrize("body", [{"status": "paused"}, [1], "x"])
def test_an_action_has_no_body(api: Api, action: str, body: Any) -> None:
    made = api.made()
    assert api.post(f"/campaigns/{made}/{action}", body).code == "VALIDATION_ERROR"
    assert api.get(f"/campaigns/{made}").data["status"] == "scheduled"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("PUT", "/campaigns"), ("DELETE", "/campaigns/x"), ("PATCH", "/campaigns/x")],
)
def test_a_route_that_is_not_there(api: Api, method: str, path: str) -> None:
    refused = api.call(method, path)
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("code", STATUS)
def test_every_documented_error_can_be_had_on_request(sandbox: Sandbox, api: Api, code: str) -> None:
    sandbox.faults.add(Fault("refuse", path="/campaigns$", code=code, status=STATUS[code]))
    refused = api.create()
    assert (refused.status, refused.code) == (STATUS[code], code)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "value", "groupId", "id"]), inner)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(
    base=st.sampled_from([TEXT, BUTTONS, TEMPLATE]),
    changes=st.dictionaries(st.sampled_from([*BUTTONS, *TEMPLATE, "x"]), ANY, max_size=3),
)
def test_no_body_breaks_the_sandbox(api: Api, base: Any, changes: dict[str, Any]) -> None:
    answer = api.post("/campaigns", {**base, **changes})
    assert answer.status in (201, 400, 404)
    assert answer.status == 201 or answer.code in STATUS


def test_no_campaign_breaks_the_list(api: Api) -> None:
    raw = json.dumps({**TEXT, "name": "\ud83d", "body": "\x00\x1b[2J"}).encode()
    made = api.post("/campaigns", content=raw).data["id"]
    assert api.get("/campaigns").status == 200
    assert api.get(f"/campaigns/{made}").data["name"] == "\ud83d"
