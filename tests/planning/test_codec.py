"""Plans to JSON and back."""

import json
from dataclasses import replace

import pytest

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.plan import AccountRef, Consent, Plan
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import decide_all
from msgflash_gitops.planning.codec import decode, encode
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.seal import plan_digest
from tests.support.builders import DAILY, NOW, PROJECT, desired, live


def plan() -> Plan:
    wanted = (desired("a"), desired("b", body="New"), desired("c", repeat=DAILY))
    campaigns = [live(desired("b", body="Old")), live(desired("gone"), campaign_id="c9")]
    changes = decide_all(wanted, campaigns, PROJECT, Context(NOW, Policy())).changes
    return Plan(PROJECT, "default", AccountRef("sandbox"), NOW, changes, wanted, consent=Consent(max_stops=3))


def test_a_plan_survives_the_way_through_json() -> None:
    made = plan()
    again = decode(Plan, json.loads(json.dumps(encode(made))))
    assert encode(again) == encode(made)
    assert plan_digest(again) == plan_digest(made)
    assert again.changes[0].action is made.changes[0].action


def test_what_is_nested_has_its_type_again() -> None:
    made = plan()
    again = decode(Plan, json.loads(json.dumps(encode(made))))
    for before, after in zip(made.changes, again.changes, strict=True):
        assert (type(after.desired), type(after.current)) == (type(before.desired), type(before.current))
        assert (after.start, after.current) == (before.start, before.current)
    assert (again.made_at, again.consent, again.account) == (made.made_at, made.consent, made.account)
    assert [each.anchor for each in again.desired] == [each.anchor for each in made.desired]


def test_any_edit_changes_the_digest() -> None:
    made = plan()
    assert plan_digest(replace(made, workspace="production")) != plan_digest(made)
    assert plan_digest(replace(made, changes=made.changes[1:])) != plan_digest(made)


def edited(**changes: Json) -> dict[str, Json]:
    whole = encode(plan())
    assert isinstance(whole, dict)
    return {**whole, **changes}


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"project": "x"}, edited(more=1), edited(made_at="yesterday"), edited(unmanaged="0")],
)
def test_what_does_not_fit_is_refused(data: Json) -> None:
    with pytest.raises(ValueError, match="Plan"):
        decode(Plan, data)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"more": 1}, "Plan: fields missing or unknown: more"),
        ({"made_at": "yesterday"}, "Plan.made_at: Invalid isoformat string: 'yesterday'"),
        ({"made_at": 5}, "Plan.made_at: fromisoformat: argument must be str"),
        ({"project": 5}, "Plan.project: expected str"),
        ({"project": None}, "Plan.project: expected str"),
        ({"unmanaged": "0"}, "Plan.unmanaged: expected int"),
        ({"unmanaged": True}, "Plan.unmanaged: expected int"),
        ({"changes": {}}, "Plan.changes: expected a list"),
        ({"changes": [5]}, "Plan.changes[0]: expected an object"),
        ({"account": {"server": "x"}}, "Plan.account: fields missing or unknown: "),
        ({"consent": []}, "Plan.consent: expected an object"),
    ],
)
def test_what_does_not_fit_is_named_by_its_place(edits: dict[str, Json], words: str) -> None:
    with pytest.raises(ValueError, match="Plan") as caught:
        decode(Plan, edited(**edits))
    assert str(caught.value).startswith(words)


def test_a_word_that_an_enumeration_does_not_know() -> None:
    whole = edited()
    changes = whole["changes"]
    assert isinstance(changes, list) and isinstance(changes[0], dict)
    with pytest.raises(ValueError, match=r"Plan\.changes\[0\]\.action: 'destroy' is not a valid Action"):
        decode(Plan, {**whole, "changes": [{**changes[0], "action": "destroy"}]})


def test_a_field_that_is_missing_is_named() -> None:
    whole = edited()
    del whole["project"], whole["workspace"]
    with pytest.raises(ValueError, match=r"^Plan: fields missing or unknown: project, workspace$"):
        decode(Plan, whole)


def test_what_has_no_json_form_is_a_bug_of_ours() -> None:
    with pytest.raises(AssertionError, match=r"set.*has no JSON form"):
        encode({"a": {1}})
