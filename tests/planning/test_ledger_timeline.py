"""Entries as a story per key."""

from msgflash_gitops.model.ledger import Entry, Intent, Operation, Phase
from msgflash_gitops.planning.timeline import Event, LedgerStory, tell
from tests.support.ledger import (
    BY_HAND,
    FIRST,
    GIVEN_UP,
    KILLED,
    NEW,
    OLD,
    POLL,
    SECOND,
    STORY,
    THIRD,
    entries,
    outcome,
    ref,
)


def story(written: list[Entry]) -> LedgerStory:
    return tell(written, project="crm", workspace="default", ref=ref(len(written)), place="here")


WHOLE = story(entries([*STORY, KILLED]))


def lines(events: tuple[Event, ...]) -> list[tuple[str, str, str | None, str | None]]:
    return [(event.run, event.what, event.outcome, event.campaign_id) for event in events]


def test_a_write_and_its_outcome_are_one_line() -> None:
    events = WHOLE.keys["newsletter"].events
    assert lines(events) == [
        (FIRST, "create", "done", OLD),
        (SECOND, "pause", "done", OLD),
        (SECOND, "create", "done", NEW),
    ]
    assert [event.action for event in events] == ["create", "replace", "replace"]
    assert [campaign.status for campaign in WHOLE.keys["newsletter"].campaigns] == ["paused", "scheduled"]
    assert [event.digest for event in events] == ["3f9a1c2b04", None, "aaaaaaaaaa"]
    assert [event.number for event in events] == [4, 14, 16], "a line bears the number and time of its intent"


def test_every_key_is_there_and_sorted() -> None:
    assert list(WHOLE.keys) == ["by-hand", "given-up", "killed", "newsletter", "poll", "promo", "refused"]


def test_what_was_seen_stands_at_the_key_of_its_campaign() -> None:
    assert lines(WHOLE.keys["poll"].events)[-1] == (SECOND, "seen", "deleted", POLL)


def test_links_and_unlinks_are_told() -> None:
    assert lines(WHOLE.keys["by-hand"].events) == [("link-1", "link", "person", BY_HAND)]
    assert lines(WHOLE.keys["given-up"].events) == [
        ("link-1", "link", "person", GIVEN_UP),
        ("link-1", "unlink", None, GIVEN_UP),
    ]
    assert WHOLE.keys["given-up"].campaigns == ()


def test_a_write_without_an_outcome_says_so_and_is_in_doubt() -> None:
    killed = WHOLE.keys["killed"]
    assert lines(killed.events) == [(THIRD, "create", None, None)]
    assert [doubt.run for doubt in killed.doubts] == [THIRD]
    assert [doubt.key for doubt in WHOLE.doubts] == ["promo", "killed"]


def test_a_second_outcome_of_one_write_is_a_line_of_its_own() -> None:
    more = outcome("promo", Operation.CREATE, Phase.RECOVERED, campaign_id=NEW, digest="77aa77aa77")
    events = story(entries([*STORY, (FIRST, [more])])).keys["promo"].events
    assert lines(events) == [(FIRST, "create", "unknown", None), (FIRST, "create", "recovered", NEW)]


def test_attempts_of_one_write_are_told_apart() -> None:
    again = Intent("promo", "create", Operation.CREATE, digest="77aa77aa77", attempt=2)
    done = outcome("promo", Operation.CREATE, Phase.DONE, campaign_id=NEW, digest="77aa77aa77")
    events = story(entries([*STORY, (FIRST, [again, done])])).keys["promo"].events
    assert [(event.attempt, event.outcome) for event in events] == [(1, "unknown"), (2, "done")]


def test_who_wrote_and_who_holds_the_lease() -> None:
    assert WHOLE.runs[FIRST].actor == "ana"
    assert WHOLE.holder is not None
    assert (WHOLE.holder.run, WHOLE.lists, WHOLE.entries) == (THIRD, False, len(entries([*STORY, KILLED])))
    assert story(entries(STORY)).holder is None
