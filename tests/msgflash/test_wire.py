"""Answers become the model: documented fields, both spellings of what is doubtful, and nothing invented."""

from datetime import UTC, datetime
from typing import Any

import pytest

from msgflash_gitops.errors import BadAnswer
from msgflash_gitops.msgflash.wire import read_campaign, read_group, read_instance, read_template

BARE = {"id": "c1", "name": "Spring", "status": "scheduled"}
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
    "stats": {"planned": 5, "sent": 2, "processingStartedAt": "2027-04-15T07:00:00.000Z", "odd": "x", "flag": True},
    "safety": {"decision": "warn"},
    "createdAt": "2027-03-01T12:00:00.000Z",
    "updatedAt": "2027-03-02T12:00:00.000Z",
}


def test_a_whole_campaign() -> None:
    found = read_campaign(WHOLE, "data")
    assert (found.id, found.name, found.status, found.user_id) == ("c1", "Spring", "scheduled", "u1")
    assert found.fields == {
        "instanceId": "fbc55e1d-d4ba-5bdd-a0c4-42bb6f6f0a11",
        "templateId": None,
        "type": "text",
        "body": "Hello",
        "mediaUrl": None,
        "schedule": "2027-04-15T07:00:00.000Z",
        "repeat": "weekly",
        "recipients": {"type": "tags", "value": ["client", "vip"]},
    }
    assert found.stats == {"planned": 5, "sent": 2}
    assert found.started_at == datetime(2027, 4, 15, 7, tzinfo=UTC)
    assert found.created_at == datetime(2027, 3, 1, 12, tzinfo=UTC)
    assert found.safety == {"decision": "warn"}


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
