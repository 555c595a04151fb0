"""How many people an audience is, which ones grew, and that a count never touches what is sent."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.account import Group
from msgflash_gitops.model.definition import Audience, Recipients
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import Action, Change
from msgflash_gitops.planning.audience import Contacts, audience_count, counted_sends, grown, with_count
from msgflash_gitops.planning.resolve import Account, resolve
from tests.support.builders import INSTANCE, PROJECT, definition, desired

TAGS = st.frozensets(st.sampled_from(["client", "vip", "lyon", "prospect"]))
COUNTS = st.one_of(st.none(), st.integers(0, 10**6))
GROUP = "22222222-2222-4222-8222-222222222222"


@given(st.lists(TAGS, max_size=40), TAGS)
def test_a_contact_with_several_of_the_tags_counts_once(people: list[frozenset[str]], wanted: frozenset[str]) -> None:
    contacts = Contacts(len(people), Counter(people))
    size = contacts.size({"type": "tags", "value": sorted(wanted)})
    assert size == len([tags for tags in people if any(tag in wanted for tag in tags)])


def test_what_nobody_counted_is_unknown() -> None:
    nothing = Contacts()
    assert nothing.size({"type": "all"}) is None
    assert nothing.size({"type": "tags", "value": ["client"]}) is None
    assert Contacts(250).size({"type": "all"}) == 250
    assert Contacts(250).size({"type": "tags", "value": ["client"]}) is None
    assert Contacts(250).size({}) is None


@given(st.sampled_from(Audience), COUNTS, st.integers(0, 10**6))
def test_counts_are_no_part_of_the_digest(kind: Audience, group: int | None, contacts: int) -> None:
    """Digest, body and compared fields are the same to the byte, whatever is counted."""
    values = ("client", "vip") if kind in (Audience.TAGS, Audience.EXPLICIT) else ()
    one = definition(recipients=Recipients(kind, values, "VIP" if kind is Audience.GROUP else None))

    def made(count: int | None) -> JsonObject:
        account = Account((INSTANCE,), groups=(Group(GROUP, "VIP", count),))
        (found,) = resolve([one], account, project=PROJECT, timezone=None).desired
        counted = with_count(found, Contacts(count, Counter({frozenset({"client"}): count or 0})).size)
        return {"digest": counted.digest, "body": counted.body, "fields": counted.fields, "name": counted.name}

    assert made(group) == made(contacts) == made(None)
    assert "count" not in str(made(contacts))


def test_a_count_that_is_known_already_is_kept() -> None:
    one = replace(desired(), recipients={"type": "group", "groupId": GROUP, "count": 24})
    assert with_count(one, lambda _: 99) is one
    everybody = replace(one, recipients={"type": "all"})
    assert with_count(everybody, lambda _: 0).recipients == {"type": "all", "count": 0}
    assert with_count(everybody, lambda _: None) is everybody


@pytest.mark.parametrize(("count", "known"), [(0, 0), (5, 5), (True, None), ("5", None), (None, None)])
def test_only_a_number_is_a_count(count: bool | int | str | None, known: int | None) -> None:
    assert audience_count({"type": "all", "count": count}) == known


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (100, 110, None),
        (100, 111, "from 100 to 111 contacts (+11 %)"),
        (100, 90, None),
        (100, None, None),
        (0, 0, None),
        (0, 1, "from 0 to 1 contacts since"),
        (3, 4, "(+33 %)"),
    ],
)
def test_growth_over_a_tenth_is_said(before: int, now: int | None, words: str | None) -> None:
    lines = grown({"spring": {"type": "all", "count": before}}, lambda _: now)
    assert [words in line for line in lines if words] == ([True] if words else [])
    assert bool(lines) == (words is not None)


def test_only_what_is_going_to_be_sent_is_looked_at_again() -> None:
    counted = replace(desired(), recipients={"type": "all", "count": 5})

    def change(key: str, action: Action, *, held: bool = False, unknown: bool = False) -> Change:
        one = replace(counted, recipients={"type": "all"}) if unknown else counted
        return Change(key, "N", action, "", desired=one, held=held)

    changes = [
        change("new", Action.CREATE),
        change("edited", Action.REPLACE),
        change("back", Action.RESUME),
        change("held", Action.RESUME, held=True),
        change("same", Action.UNCHANGED),
        change("off", Action.PAUSE),
        change("unknown", Action.CREATE, unknown=True),
        Change("gone", "N", Action.STOP, ""),
    ]
    assert list(counted_sends(changes)) == ["new", "edited", "back"]
