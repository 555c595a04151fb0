"""Answers become the model: documented fields, both spellings of what is doubtful, and nothing invented."""

from datetime import UTC, datetime
from typing import Any

import pytest

from msgflash_gitops.errors import BadAnswer
from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.message import MessageRef
from msgflash_gitops.msgflash.wire import (
    payload,
    read_campaign,
    read_group,
    read_instance,
    read_message,
    read_tags,
    read_template,
    read_written,
)

BARE = {"id": "c1", "name": "Spring", "status": "scheduled"}
MOMENTS = {"lastEnqueued": "08", "completed": "09", "cancelled": "10"}
WHOLE: dict[str, Any] = {
    **BARE,
    "userId": "u1",
    "instanceId": "FBC55E1D-D4BA-5BDD-A0C4-42BB6F6F0A11",
    "templateId": None,
    "type": "text",
    "body": "Hello",
    "mediaUrl": None,
    "schedule": "2027-04-15T09:00:00+02:00",
    "repeat": "weekly",
    "recipients": {"type": "tags", "value": ["vip", "client", "vip"]},
    "stats": {"planned": 5, "sent": 2, "processingStartedAt": "2027-04-15T07:00:00.000Z", "odd": "x", "flag": True}
    | {f"{name}At": f"2027-04-15T{hour}:00:00.000Z" for name, hour in MOMENTS.items()},
    "safety": {"decision": "warn"},
    "createdAt": "2027-03-01T12:00:00.000Z",
    "updatedAt": "2027-03-02T12:00:00.000Z",
}


def test_a_whole_campaign() -> None:
    assert read_campaign(WHOLE, "data") == LiveCampaign(
        id="c1",
        name="Spring",
        status="scheduled",
        fields={
            "instanceId": "fbc55e1d-d4ba-5bdd-a0c4-42bb6f6f0a11",
            "templateId": None,
            "type": "text",
            "body": "Hello",
            "mediaUrl": None,
            "schedule": "2027-04-15T07:00:00.000Z",
            "repeat": "weekly",
            "recipients": {"type": "tags", "value": ["client", "vip"]},
        },
        stats={"planned": 5, "sent": 2},
        started_at=datetime(2027, 4, 15, 7, tzinfo=UTC),
        created_at=datetime(2027, 3, 1, 12, tzinfo=UTC),
        updated_at=datetime(2027, 3, 2, 12, tzinfo=UTC),
        user_id="u1",
        safety={"decision": "warn"},
        enqueued_at=datetime(2027, 4, 15, 8, tzinfo=UTC),
        completed_at=datetime(2027, 4, 15, 9, tzinfo=UTC),
        cancelled_at=datetime(2027, 4, 15, 10, tzinfo=UTC),
    )


def test_facts_of_another_type_are_none_or_nothing() -> None:
    odd: dict[str, Any] = {**BARE, "userId": 5, "safety": "allow", "stats": "many", "createdAt": 5}
    assert read_campaign(odd, "data") == LiveCampaign("c1", "Spring", "scheduled", {"repeat": "none"})


def test_a_write_answered_with_little_is_partial() -> None:
    little: dict[str, Any] = {"id": "c1", "status": "PAUSED", "safety": {"decision": "allow"}}
    assert read_written(little, "data") == LiveCampaign("c1", "", "paused", safety={"decision": "allow"}, partial=True)
    assert read_written(BARE, "data") == read_campaign(BARE, "data")
    for missing in ("id", "status"):
        with pytest.raises(BadAnswer, match=rf"data\.{missing}: expected text, got nothing"):
            read_written({name: value for name, value in little.items() if name != missing}, "data")


def test_what_is_left_out_is_absent_and_what_is_null_is_none() -> None:
    assert read_campaign(BARE, "data").fields == {"repeat": "none"}
    assert read_campaign({**BARE, "body": None}, "data").fields == {"repeat": "none", "body": None}


@pytest.mark.parametrize("repeat", ["none", "noe", None, ""])
def test_every_spelling_of_none(repeat: Any) -> None:
    assert read_campaign({**BARE, "repeat": repeat}, "data").fields["repeat"] == "none"


@pytest.mark.parametrize("shown", [{"templateVariables": {"a": 1}}, {"variables": {"a": 1}}])
def test_variables_under_either_name(shown: dict[str, Any]) -> None:
    assert read_campaign({**BARE, **shown}, "data").fields["variables"] == {"a": 1}


def test_of_two_names_the_documented_one_counts() -> None:
    both: dict[str, Any] = {**BARE, "variables": {"a": 0}, "templateVariables": {"a": 1}}
    assert read_campaign(both, "data").fields["variables"] == {"a": 1}


@pytest.mark.parametrize("kind", ["all", "group"])
def test_an_empty_value_beside_recipients_means_nothing(kind: str) -> None:
    recipients: dict[str, Any] = {"type": kind, "value": [], **({"groupId": "G1"} if kind == "group" else {})}
    found = read_campaign({**BARE, "recipients": recipients}, "data").fields["recipients"]
    assert found == ({"type": "all"} if kind == "all" else {"type": "group", "groupId": "g1"})


@pytest.mark.parametrize("status", ["SCHEDULED", "Scheduled", "scheduled"])
def test_a_status_in_any_case(status: str) -> None:
    assert read_campaign({**BARE, "status": status}, "data").status == "scheduled"


def test_an_unknown_status_is_kept() -> None:
    assert read_campaign({**BARE, "status": "brand_new"}, "data").status == "brand_new"


@pytest.mark.parametrize(
    "moment", ["soon", "", 5, None, "2027-04-15", "2027-04-15T09:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_an_odd_time_is_no_time(moment: Any) -> None:
    assert read_campaign({**BARE, "createdAt": moment}, "data").created_at is None


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (None, "data: expected an object, got nothing"),
        ([], "data: expected an object, got a list"),
        ({**BARE, "id": ""}, "data.id: expected text, got an empty text"),
        ({**BARE, "id": 5}, "data.id: expected text, got a number"),
        ({**BARE, "id": 5.5}, "data.id: expected text, got a number"),
        ({**BARE, "name": None}, "data.name: expected text, got nothing"),
        ({**BARE, "name": True}, "data.name: expected text, got true or false"),
        ({**BARE, "status": {}}, "data.status: expected text, got an object"),
        ({"id": "c1", "name": "n"}, "data.status: expected text, got nothing"),
    ],
)
def test_an_odd_shape_is_named_by_its_place(item: Any, words: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_campaign(item, "data")
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("written", "read"), [("33639980001", "+33639980001"), ("+33639980001", "+33639980001"), (None, None)]
)
def test_a_number_with_or_without_plus(written: str | None, read: str | None) -> None:
    found = read_instance({"id": "i1", "name": "sav", "waNumber": written, "status": "connected"}, "data")
    assert found is not None and found.number == read


def test_a_deleted_instance_is_none() -> None:
    assert read_instance({"id": "i1", "name": "sav", "deletedAt": "2026-03-01T08:00:00.000Z"}, "data") is None
    found = read_instance({"id": "i1", "name": "sav", "deletedAt": None}, "data")
    assert found is not None and found.status == "unknown"


def test_a_template_and_a_group_with_little_in_them() -> None:
    template = read_template({"id": "t1", "name": "", "variables": ["custom.a", 5, None]}, "data")
    assert (template.variables, template.body) == (("custom.a",), None)
    assert read_group({"id": "g1", "name": "VIP", "contactCount": True}, "data").contact_count is None
    for read in (read_template, read_group, read_instance):
        with pytest.raises(BadAnswer, match="name"):
            read({"id": "x"}, "data")


def test_a_whole_template_group_and_instance() -> None:
    template = {"id": "t1", "name": "Promo", "type": "image", "body": "Hi", "mediaUrl": "https://a.example/a.png"}
    assert read_template({**template, "variables": ["custom.a", "contact.b"]}, "data") == Template(
        "t1", "Promo", "image", "Hi", "https://a.example/a.png", ("custom.a", "contact.b")
    )
    assert read_template({**template, "variables": "custom.a"}, "data").variables == ()
    assert read_group({"id": "g1", "name": "VIP", "contactCount": 24}, "data") == Group("g1", "VIP", 24)
    assert read_group({"id": "g1", "name": "", "contactCount": "24"}, "data") == Group("g1", "", None)
    instance = {"id": "i1", "name": "sav", "waNumber": "33639980001", "status": "connecting"}
    assert read_instance(instance, "data") == Instance("i1", "sav", "+33639980001", "connecting")
    assert read_instance({"id": "i1", "name": "", "waNumber": "", "status": 5}, "data") == Instance(
        "i1", "", "", "unknown"
    )


@pytest.mark.parametrize(
    ("contact", "tags"),
    [
        ({"tags": ["a", "b", "a", 5, None]}, {"a", "b"}),
        ({"tags": []}, set()),
        ({"tags": "a"}, set()),
        ({}, set()),
    ],
)
def test_the_tags_of_a_contact(contact: Any, tags: set[str]) -> None:
    assert read_tags(contact, "data") == tags


def test_a_message() -> None:
    message = {
        "id": "m1",
        "instanceId": "I1",
        "campaignId": "c1",
        "createdAt": "2027-04-15T07:00:00.000Z",
        "status": "SENT",
    }
    assert read_message(message, "data", "i1") == MessageRef("m1", "c1", datetime(2027, 4, 15, 7, tzinfo=UTC), "sent")
    assert read_message(message, "data", "i2") is None
    assert read_message({"id": "m1", "campaignId": ""}, "data", "i1") == MessageRef("m1", None, None, "unknown")
    with pytest.raises(BadAnswer, match=r"^messages\[3\]\.id: expected text, got nothing$"):
        read_message({"campaignId": "c1"}, "messages[3]", "i1")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "get campaign: the answer has no `data`"),
        ([], "get campaign: the answer has no `data`"),
        ({"campaign": {}}, "get campaign: the answer has no `data`"),
        ({"data": {}, "success": False}, "get campaign: the answer says `success`: false beside `data`"),
        ({"data": {}, "error": "timed out"}, "get campaign: the answer says `error`: 'timed out' beside `data`"),
        (
            {"data": {}, "meta": {"status": "failed"}},
            "get campaign: the answer says `meta.status`: 'failed' beside `data`",
        ),
    ],
)
def test_what_is_no_answer_with_one_object(body: Any, words: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        payload(body, "get campaign")
    assert (caught.value.message, caught.value.operation) == (words, "get campaign")


@pytest.mark.parametrize(
    "beside", [{}, {"success": True}, {"message": "Created"}, {"warnings": ["slow"]}, {"status": 201}]
)
def test_what_may_stand_beside_it(beside: dict[str, Any]) -> None:
    assert payload({"data": {"id": "c1"}, **beside}, "create campaign") == {"id": "c1"}
