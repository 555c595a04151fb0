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
