"""`audit` of an account without a list, as people run it: what it could see stands at the head of every format."""

import csv
import io
from typing import Any

import icalendar
import pytest

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from tests.cli.test_audit import audited, found
from tests.support.project import Repository, soon

NOT_STARTED = "campaigns made in the dashboard that have not started cannot be seen"
STARTED = "campaigns made in the dashboard that have started are not looked for"


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def applied(repository: Repository) -> Repository:
    """Two campaigns, remembered in a ledger."""
    assert repository.run("ledger", "init").code == 0
    repository.campaign("spring", schedule=soon(days=5), body="Spring")
    repository.campaign("summer", name="Summer", schedule=soon(days=6), body="Summer")
    assert repository.apply().code == 0
    return repository


def id_of(sandbox: Sandbox, body: str) -> str:
    return next(str(each["id"]) for each in sandbox.campaigns() if each["body"] == body)


def by_hand(sandbox: Sandbox, at: str, name: str = "By hand") -> str:
    body = {
        **{"instanceId": sample_id("instance", "boutique-lyon"), "name": name, "schedule": at},
        **{"recipients": {"type": "tags", "value": ["lyon"]}, "type": "text", "body": "By hand"},
    }
    return str(sandbox.add_campaign(body)["id"])


def sends(audit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {send["key"] or send["name"]: send for send in (*audit["sends"], *audit["stopped"])}


def doubt(repository: Repository, sandbox: Sandbox, key: str = "lost") -> None:
    """A create that landed, and whose answer was lost."""
    repository.campaign(key, name="Lost", schedule=soon(days=7), body="Lost")
    sandbox.faults.add(Fault("drop-after", path="^/campaigns$"))
    assert repository.apply().code == 6


def test_what_was_seen(applied: Repository) -> None:
    _, audit = audited(applied)
    coverage = audit["coverage"]
    assert {name: coverage[name] for name in ("world", "remembered", "listed", "read", "messages_read")} == {
        **{"world": "documented", "remembered": 2, "listed": None, "read": 2, "messages_read": 0}
    }
    assert [each.split(":")[0] for each in coverage["blind_spots"]] == [NOT_STARTED, STARTED]
    assert {key: send["state"] for key, send in sends(audit).items()} == {"spring": "in-sync", "summer": "in-sync"}


@pytest.mark.parametrize("output", ["text", "markdown", "html", "ics"])
def test_every_format_says_so_at_its_head(applied: Repository, output: str) -> None:
    out = applied.run("audit", "--format", output).out
    if output == "ics":
        out = str(icalendar.Calendar.from_ical(out)["X-WR-CALDESC"]).replace("\\,", ",")
    flat = " ".join(out.split())
    head = flat if output == "ics" else flat[: flat.index("Spring")]
    for words in ("Seen without a list of campaigns", "2 remembered in the ledger, 2 read", NOT_STARTED, STARTED):
        assert words in head, words


def test_csv_has_a_column_and_says_the_rest_beside_it(applied: Repository) -> None:
    done = applied.run("audit", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff"))))
    assert {row["world"] for row in rows} == {"documented"}
    assert f"Blind spot: {NOT_STARTED}" in done.err


def test_without_messages_none_are_read(applied: Repository, sandbox: Sandbox) -> None:
    by_hand(sandbox, soon(hours=-3))
    assert found(audited(applied, "--from", "-1d")[1]) == []
    assert not [seen for seen in sandbox.requests if "/messages" in seen.path]


def test_messages_lead_to_what_was_started_in_the_dashboard(applied: Repository, sandbox: Sandbox) -> None:
    identity = by_hand(sandbox, soon(hours=-3))
    by_hand(sandbox, soon(days=3), "Not started")
    done = applied.run("audit", "--from", "-1d", "--format", "json", "--read-messages")
    told = "reading messages: at most 40 requests for the latest of 4 instances, and at most 200 for campaigns"
    instances = len(applied.run("instances", "--format", "json").json["instances"])
    assert told.replace("40", str(instances * 10)).replace("of 4", f"of {instances}") in done.err
    send = sends(done.json)["By hand"]
    assert (send["campaign_id"], send["origin"], send["state"]) == (identity, "dashboard", "unmanaged")
    assert (send["status"], send["stats"]["planned"] > 0) == ("running", True)
    coverage = done.json["coverage"]
    assert (coverage["messages_read"] > 0, coverage["read"]) == (True, 3)
    assert " on boutique-lyon: what sent earlier is not found" in coverage["blind_spots"][1]
    assert not [each for each in coverage["blind_spots"] if STARTED in each]
    assert "Not started" not in done.out


def test_a_campaign_that_sent_and_was_deleted_is_named(applied: Repository, sandbox: Sandbox) -> None:
    identity = by_hand(sandbox, soon(hours=-3))
    sandbox.tick()
    sandbox.delete_campaign(identity)
    _, audit = audited(applied, "--from", "-1d", "--read-messages")
    (spot,) = [each for each in audit["coverage"]["blind_spots"] if identity in each]
    assert spot.startswith("1 campaign sent messages and was deleted since")
    (send,) = [each for each in audit["sends"] if each["campaign_id"] == identity]
    assert (send["state"], send["outlook"], send["instance"]["label"]) == ("unmanaged", "sent", "boutique-lyon")
    assert sorted(found(audit)) == ["sent-without-definition", "unmanaged"]


def test_a_deleted_campaign_is_no_send_and_no_notice(applied: Repository, sandbox: Sandbox) -> None:
    sandbox.delete_campaign(id_of(sandbox, "Spring"))
    sandbox.delete_campaign(id_of(sandbox, "Summer"))
    applied.remove("summer")
    _, audit = audited(applied)
    assert {(send["key"], send["status"], send["outlook"]) for send in audit["stopped"]} == {
        *(("spring", "deleted", "never"), ("summer", "deleted", "never"))
    }
    assert (audit["sends"], len(audit["coverage"]["blind_spots"])) == ([], 2)
    assert [each for each in audit["notices"] if "time" in each] == []
    (finding,) = audit["findings"]
    assert (finding["kind"], finding["key"]) == ("drifted", "spring")
    assert "deleted in the dashboard. See there that it is gone, then raise `revision`" in finding["message"]


def test_a_create_in_doubt_is_a_send_and_a_finding(applied: Repository, sandbox: Sandbox) -> None:
    doubt(applied, sandbox)
    code, audit = audited(applied, "--fail-on", "in-doubt")
    send = sends(audit)["lost"]
    assert (code, send["state"], send["outlook"], send["campaign_id"]) == (2, "in-doubt", "unknown", None)
    assert send["content"]["body"] == "Lost"
    (finding,) = audit["findings"]
    assert (finding["kind"], finding["group"]) == ("in-doubt", "git")
    for words in ("link lost ID", "link lost --none"):
        assert words in finding["message"]
    (spot,) = [each for each in audit["coverage"]["blind_spots"] if "in doubt" in each]
    assert spot.startswith("1 create is in doubt, nobody knows whether there is a campaign: lost;")


def test_a_create_in_doubt_without_its_definition(applied: Repository, sandbox: Sandbox) -> None:
    doubt(applied, sandbox)
    applied.remove("lost")
    _, audit = audited(applied)
    send = sends(audit)["lost"]
    assert (send["state"], send["notes"], send["instance"]["label"]) == (
        *("in-doubt", ["no longer in git"], "boutique-principale"),
    )


def test_a_create_in_doubt_of_another_form(applied: Repository, sandbox: Sandbox) -> None:
    doubt(applied, sandbox)
    before = sends(audited(applied)[1])["lost"]["at_utc"]
    applied.campaign("lost", name="Lost", schedule=soon(days=9), body="Another")
    send = sends(audited(applied)[1])["lost"]
    assert (send["at_utc"], send["content"], send["state"]) == (before, {}, "in-doubt")
    assert "edited since" in send["notes"][0]


def test_a_remembered_campaign_whose_time_nobody_knows(applied: Repository, sandbox: Sandbox) -> None:
    identity = by_hand(sandbox, soon(days=3))
    applied.campaign("linked", name="By hand", schedule=soon(days=3), body="By hand")
    assert applied.run("link", "linked", identity).code == 0
    sandbox.delete_campaign(identity)
    applied.remove("linked")
    _, audit = audited(applied)
    (spot,) = [each for each in audit["coverage"]["blind_spots"] if identity in each]
    assert spot.startswith("1 campaign that the ledger remembers cannot be shown: deleted in the dashboard")
    assert [each for each in audit["notices"] if identity in each] == []
