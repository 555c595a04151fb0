"""Canonical form and digest: the same for the same campaign, frozen for ever."""

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.planning.canonical import canonical_field, canonical_json, canonical_recipients
from msgflash_gitops.planning.digest import digest

TEXT: dict[str, Json] = {
    "instanceId": "11111111-1111-4111-8111-111111111111",
    "schedule": "2027-04-15T07:00:00.000Z",
    "repeat": "none",
    "recipients": {"type": "tags", "value": ["client", "vip"]},
    "type": "text",
    "body": "Découvrez nos offres ! 🎁\n*-20 %*",
}
TEMPLATE: dict[str, Json] = {
    "instanceId": "11111111-1111-4111-8111-111111111111",
    "schedule": "2027-04-15T07:00:00.000Z",
    "repeat": "weekly",
    "recipients": {"type": "group", "groupId": "22222222-2222-4222-8222-222222222222"},
    "templateId": "33333333-3333-4333-8333-333333333333",
    "variables": {"code": "SPRING", "discount": 20},
}
BUTTONS: dict[str, Json] = {
    **TEXT,
    "type": "buttons",
    "title": "Spring",
    "description": "Choose",
    "buttons": [{"type": "reply", "displayText": "Yes", "id": "y"}],
}


def test_the_canonical_form_is_frozen() -> None:
    """A release that changes this text changes the digest of definitions that nobody edited, and replaces live campaigns."""
    assert canonical_json({**TEXT, "name": "April", "revision": 1}) == (
        '{"body":"Découvrez nos offres ! 🎁\\n*-20 %*","instanceId":"11111111-1111-4111-8111-111111111111","name":"April",'
        '"recipients":{"type":"tags","value":["client","vip"]},"repeat":"none","revision":1,'
        '"schedule":"2027-04-15T07:00:00.000Z","type":"text"}'
    )


def test_golden_digests() -> None:
    assert digest("April", TEXT, 1) == "2373405da3"
    assert digest("April", TEXT, 2) == "8d1a8ecc8d"
    assert digest("April", TEMPLATE, 1) == "38efedb623"
    assert digest("April", BUTTONS, 1) == "dd33c21141"
    assert digest("", {}, 1) == "22662bbcda"


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(shuffle: random.Random) -> None:
    items = list(TEMPLATE.items())
    shuffle.shuffle(items)
    assert digest("April", dict(items), 1) == digest("April", TEMPLATE, 1)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_tags_are_a_set(tags: list[str], shuffle: random.Random) -> None:
    other = [*tags, tags[0]]
    shuffle.shuffle(other)
    forms = [canonical_recipients({"type": "tags", "value": each}) for each in (tags, other)]
    assert forms[0] == forms[1]


def test_equal_instants_are_equal() -> None:
    forms = (
        "2027-04-15T07:00:00.000Z",
        "2027-04-15T09:00:00+02:00",
        "2027-04-15T07:00:00Z",
        "2027-04-15T02:00:00-05:00",
    )
    assert {canonical_field("schedule", form) for form in forms} == {"2027-04-15T07:00:00.000Z"}


def test_a_campaign_that_does_not_repeat_is_written_in_four_ways() -> None:
    assert {canonical_field("repeat", value) for value in ("none", "noe", None, "")} == {"none"}


def test_an_empty_value_beside_all_means_nothing() -> None:
    assert canonical_recipients({"type": "all", "value": []}) == {"type": "all"}


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(st.sampled_from(["instanceId", "schedule", "repeat", "recipients", "variables", "body", "buttons"]), _VALUES)
def test_any_answer_has_a_canonical_form_that_is_its_own(name: str, value: object) -> None:
    once = canonical_field(name, value)  # type: ignore[arg-type]
    assert canonical_field(name, once) == once
    assert json.loads(canonical_json(once)) == json.loads(json.dumps(once))
