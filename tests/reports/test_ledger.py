"""What `ledger show` and `ledger verify` print."""

import json
from typing import Any

import jsonschema

from msgflash_gitops.files.schemas import schema_text
from msgflash_gitops.model.ledger import LeaseTaken, Linked, Observed, RunBegan
from msgflash_gitops.planning.timeline import LedgerStory, tell
from msgflash_gitops.reports.ledger import ledger_object, ledger_text, verified_object, verified_text
from msgflash_gitops.reports.style import Style
from tests.support.ledger import BY_HAND, FIRST, ID, KILLED, NEW, OLD, STORY, Run, create, entries, ref


def story(runs: list[Run]) -> LedgerStory:
    written = entries(runs)
    return tell(written, project="crm", workspace="default", ref=ref(len(written)), place=".msgflash/ledger.jsonl")


def checked(value: dict[str, Any]) -> dict[str, Any]:
    """As JSON, and as its schema says; what the schema does not know is an error here."""
    schema = json.loads(schema_text("ledger"))
    jsonschema.Draft7Validator(_closed(schema)).validate(value)
    loaded: dict[str, Any] = json.loads(json.dumps(value))
    return loaded


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if "properties" in schema and "type" in schema else {}
    return {**{name: _closed(each) for name, each in schema.items()}, **more}


DOUBTS = """\
In doubt: 2 creates whose answer was lost
  promo: asked for at 2027-04-10 07:00:05 UTC by run 11111111, to start 2027-04-15 07:00:00 UTC
    look in the dashboard for a campaign whose name ends in [crm/promo@77aa77aa77]
    it is there:      msgflash-gitops link promo ID
    it is not there:  msgflash-gitops link promo --none
  killed: asked for at 2027-04-10 07:00:27 UTC by run 33333333, to start 2027-04-15 07:00:00 UTC
    that run holds the lease and may still be at work: first see how it ends
    look in the dashboard for a campaign whose name ends in [crm/killed@3333333333]
    it is there:      msgflash-gitops link killed ID
    it is not there:  msgflash-gitops link killed --none
  Until then, apply does not create these keys again.
"""


def test_without_keys_a_line_for_each_and_doubts_first() -> None:
    text = ledger_text(story([*STORY, KILLED]), (), Style())
    assert text == (
        f"""\
Ledger {ID} of crm, workspace default: 28 entries, file (.msgflash/ledger.jsonl)
Lease: held by run 33333333cccc of cat on runner-1 (apply), since 2027-04-10 07:00:26 UTC

{DOUBTS}
KEY         CAMPAIGN                                   STATUS            LAST SEEN                LAST ENTRY
by-hand     {BY_HAND}       linked, not seen  -                        2027-04-10 07:00:22 UTC  link by a person
given-up    -                                          none              -                        2027-04-10 07:00:24 UTC  unlink
killed      -                                          in doubt          -                        2027-04-10 07:00:27 UTC  create no outcome
newsletter  {NEW} (+1)  scheduled         2027-04-10 07:00:16 UTC  2027-04-10 07:00:15 UTC  create done
poll        5fa85f64-5717-4562-b3fc-2c963f66afa6       deleted           2027-04-10 07:00:17 UTC  2027-04-10 07:00:17 UTC  seen deleted
promo       -                                          in doubt          -                        2027-04-10 07:00:05 UTC  create unknown
refused     -                                          none              -                        2027-04-10 07:00:18 UTC  create refused
"""
    ), text


def test_a_key_has_its_timeline_by_run_and_what_is_remembered() -> None:
    text = ledger_text(story(STORY), ("newsletter",), Style())
    assert text.partition("Lease: free\n")[2] == (
        f"""
newsletter
  run 11111111 of ana on build-7 (apply, https://ci.example/jobs/7, commit 0f3c9a1b)
    2027-04-10 07:00:03 UTC  create            done         campaign {OLD}  digest 3f9a1c2b04
  run 22222222 of ben on laptop (apply)
    2027-04-10 07:00:13 UTC  pause (replace)   done         campaign {OLD}
    2027-04-10 07:00:15 UTC  create (replace)  done         campaign {NEW}  digest aaaaaaaaaa
  now
    campaign {OLD}, digest 3f9a1c2b04: paused, last seen 2027-04-10 07:00:14 UTC; starts 2027-04-15 07:00:00 UTC
    campaign {NEW}, digest aaaaaaaaaa: scheduled, last seen 2027-04-10 07:00:16 UTC; starts 2027-04-15 07:00:00 UTC
"""
    ), text


def test_keys_that_are_asked_for_show_their_own_doubts_alone() -> None:
    assert "In doubt" not in ledger_text(story([*STORY, KILLED]), ("newsletter",), Style())
    text = ledger_text(story([*STORY, KILLED]), ("promo", "promo"), Style())
    assert "In doubt: 1 create whose" in text
    assert text.count("\npromo\n") == 1
    assert text.endswith("  now\n    in doubt since 2027-04-10 07:00:05 UTC\n")


def test_where_the_account_has_a_list_a_doubt_ends_by_itself() -> None:
    text = ledger_text(story([*STORY, ("x", [Observed(lists=True)])]), (), Style())
    assert "the next apply looks there by itself" in text
    assert "apply does not create" not in text


def test_the_line_of_a_key_names_what_is_to_be_sent() -> None:
    """A revert: what came later is paused, and what was there before is scheduled again."""
    text = ledger_text(story([*STORY, ("x", [Observed(statuses={OLD: "scheduled", NEW: "paused"})])]), (), Style())
    line = next(each for each in text.splitlines() if each.startswith("newsletter"))
    assert line.split()[1:4] == [OLD, "(+1)", "scheduled"]
    text = ledger_text(story([*STORY, ("x", [Observed(statuses={OLD: "cancelled", NEW: "cancelled"})])]), (), Style())
    assert f"newsletter  {NEW} (+1)  cancelled" in text


def test_an_empty_ledger_says_so() -> None:
    assert ledger_text(story([]), (), Style()).endswith("Lease: free\n\nNothing was applied yet.\n")


def test_nothing_that_was_written_acts_in_a_terminal() -> None:
    evil = "x\x1b[31m\u202e\n::error::"
    began = RunBegan(evil, evil, evil, evil, evil)
    told = story([(evil, [began, LeaseTaken(9), Linked(evil, evil, evil), create(evil, evil)])])
    for keys in ((), (evil,)):
        text = ledger_text(told, keys, Style())
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\n::" not in text


def test_json_is_what_the_schema_says() -> None:
    told = checked(ledger_object(story([*STORY, KILLED]), ()))
    assert told["lease"]["actor"] == "cat"
    assert [doubt["marker"] for doubt in told["doubts"]] == ["[crm/promo@77aa77aa77]", "[crm/killed@3333333333]"]
    keys = {each["key"]: each for each in told["keys"]}
    assert [campaign["id"] for campaign in keys["newsletter"]["campaigns"]] == [OLD, NEW]
    assert keys["newsletter"]["campaigns"][1]["start"] == "2027-04-15T07:00:00.000Z"
    assert keys["by-hand"]["campaigns"][0]["seen_at"] is None
    assert keys["killed"]["in_doubt"]
    assert [event["outcome"] for event in keys["killed"]["events"]] == [None]
    assert {run["run"] for run in told["runs"]} == {FIRST, "22222222bbbb", "33333333cccc", "link-1"}


def test_json_of_some_keys_has_these_alone() -> None:
    told = checked(ledger_object(story(STORY), ("newsletter",)))
    assert ([each["key"] for each in told["keys"]], told["doubts"], told["lease"]) == (["newsletter"], [], None)
    assert [run["actor"] for run in told["runs"]] == ["ana", "ben"]


def test_a_whole_ledger_says_so() -> None:
    assert verified_text(ref(1234), 1234) == "1,234 entries, head abababab, whole\n"
    told = checked(verified_object("crm", "default", ref(7), "here", 7))
    assert told["ledger"] == {
        "id": ID,
        "store": "file",
        "place": "here",
        "head": {"number": 7, "digest": "ab" * 32},
    }
