"""`audit` as people and pipelines run it."""

import csv
import io
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import jsonschema
import pytest

from msgflash_gitops.sandbox import Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from tests.support.project import Repository, soon

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "schemas/audit.schema.json").read_text())
_NEVER = "2099-01-01T00:00:00.000Z"


def by_hand(sandbox: Sandbox, name: str = "By hand", status: str = "scheduled", **facts: Any) -> str:
    body = {
        "instanceId": sample_id("instance", "boutique-lyon"),
        "name": name,
        "schedule": facts.pop("schedule", None) or soon(days=3),
        "recipients": {"type": "tags", "value": ["prospect"]},
        "type": "text",
        "body": "By hand",
    }
    made: str = sandbox.add_campaign(body, status, _next=_NEVER, _until=_NEVER, **facts)["id"]
    return made


def copy(sandbox: Sandbox, campaign: dict[str, Any], **changes: Any) -> None:
    """The same request again, as another pipeline would have sent it."""
    fields = ("instanceId", "name", "schedule", "recipients", "type", "body")
    sandbox.add_campaign({**{field: campaign[field] for field in fields}, **changes})


def counters(**shown: int) -> dict[str, int]:
    return {**dict.fromkeys(("planned", "queued", "sent", "delivered", "read", "failed", "cancelled"), 0), **shown}


def audited(repository: Repository, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = repository.run("audit", "--format", "json", *arguments)
    assert done.code in (0, 2), done
    jsonschema.Draft7Validator(SCHEMA).validate(done.json)
    return done.code, done.json


def found(audit: dict[str, Any]) -> list[str]:
    return [each["kind"] for each in audit["findings"]]


@pytest.fixture
def troubled(repository: Repository, sandbox: Sandbox) -> Repository:
    """One campaign each: in sync, unmanaged, drifted, late, duplicate, partial, orphaned, missing."""
    repository.campaign("fine", name="Fine", schedule=soon(days=5), body="Fine")
    repository.campaign("drifted", name="Drifted", schedule=soon(days=7), body="As in git")
    repository.campaign("double", name="Double", schedule=soon(days=9), body="Double")
    repository.campaign("gone", name="Gone", schedule=soon(days=11), body="Gone")
    repository.campaign("part", name="Part", schedule=soon(minutes=10), body="Part")
    assert repository.apply().code == 0
    live = {campaign["name"].split()[0]: campaign for campaign in sandbox.campaigns()}
    sandbox.set_status(live["Drifted"]["id"], "scheduled", body="Changed by hand")
    copy(sandbox, live["Double"])
    passed = soon(hours=-3)
    sandbox.set_status(live["Part"]["id"], "completed", schedule=passed, stats=counters(planned=150, sent=90, failed=5))
    repository.campaign("part", name="Part", schedule=passed, body="Part")
    repository.remove("gone")
    repository.campaign("late", name="Late", schedule=soon(hours=-2), body="Late")
    repository.campaign("missing", name="Missing", schedule=soon(days=13), body="Missing")
    by_hand(sandbox)
    return repository


def test_each_is_found_once(troubled: Repository) -> None:
    code, audit = audited(troubled, "--from", "-1d", "--to", "+30d")
    assert sorted(found(audit)) == sorted(
        ["unmanaged", "drifted", "orphaned", "missing", "duplicate", "late", "partial"]
    )
    assert (code, audit["ok"]) == (0, True)
    assert {send["state"] for send in audit["sends"]} == {
        *("in-sync", "unmanaged", "drifted", "late", "duplicate", "orphaned", "missing")
    }
    assert [send["at_utc"] for send in audit["sends"]] == sorted(send["at_utc"] for send in audit["sends"])


def test_the_default_window_holds_what_is_to_come_and_what_is_late(troubled: Repository) -> None:
    _, audit = audited(troubled)
    assert "late" in found(audit)
    assert "partial" not in found(audit)


@pytest.mark.parametrize("kind", ["unmanaged", "drifted", "orphaned", "missing", "duplicate", "late", "partial"])
def test_fail_on(troubled: Repository, kind: str) -> None:
    code, audit = audited(troubled, "--from", "-1d", "--fail-on", f"{kind}, stuck")
    assert (code, audit["ok"]) == (2, False)
    assert [each["kind"] for each in audit["findings"] if each["failing"]] == [kind]


def test_fail_on_what_is_not_there(troubled: Repository) -> None:
    assert audited(troubled, "--fail-on", "stuck,never-started")[0] == 0


@pytest.mark.parametrize("output", ["text", "json", "csv", "markdown", "html", "ics"])
def test_the_format_does_not_change_the_exit_code(troubled: Repository, output: str) -> None:
    ended = troubled.run("audit", "--format", output, "--fail-on", "unmanaged")
    assert ended.code == 2, ended
    assert ended.out


def test_a_definition_with_errors_does_not_keep_the_rest_from_being_audited(
    repository: Repository, sandbox: Sandbox
) -> None:
    repository.campaign("good", name="Good", schedule=soon(days=5), body="Good")
    repository.campaign("bad", name="Bad", schedule=soon(days=6), body="Bad")
    assert repository.apply().code == 0
    repository.write("campaigns/bad.yaml", "name: Bad\n")
    code, audit = audited(repository, "--fail-on", "orphaned")
    assert code == 0
    states = {send["key"]: send["state"] for send in audit["sends"]}
    assert states == {"good": "in-sync", "bad": "drifted"}
    assert sorted(found(audit)) == ["drifted", "invalid"]
    assert audit["problems"]


def test_an_unknown_instance_is_a_finding(repository: Repository) -> None:
    text = f"name: X\ninstance: nowhere\nschedule: {soon(days=2)}\nrecipients: {{type: all}}\ntype: text\nbody: x\n"
    repository.write("campaigns/x.yaml", text)
    _, audit = audited(repository)
    assert found(audit) == ["invalid"]


def test_no_definition_at_all(repository: Repository, sandbox: Sandbox) -> None:
    by_hand(sandbox)
    repository.write("campaigns/README", "None yet.")
    assert found(audited(repository)[1]) == ["unmanaged"]


def test_nothing_is_written(troubled: Repository, sandbox: Sandbox) -> None:
    before = len([seen for seen in sandbox.requests if seen.method != "GET"])
    audited(troubled)
    assert len([seen for seen in sandbox.requests if seen.method != "GET"]) == before


def test_text_says_who_when_and_why(troubled: Repository) -> None:
    done = troubled.run("audit", "--from", "-1d")
    for words in (
        "made in the dashboard, git does not know of it",
        'body: the account has "Changed by hand", git has "As in git"',
        "planned 150, sent 90, failed 5",
        "campaigns/fine.yaml:1",
        "boutique-principale (+33639980001, connected)",
    ):
        assert words in " ".join(done.out.split()), words


def test_times_are_the_projects(repository: Repository, sandbox: Sandbox) -> None:
    by_hand(sandbox, schedule="2031-07-01T07:00:00.000Z")
    _, audit = audited(repository, "--from", "2031-07-01", "--to", "2031-07-01")
    (send,) = audit["sends"]
    assert send["at_local"] == "2031-07-01T09:00:00+02:00"
    assert audit["window"]["from_local"] == "2031-07-01T00:00:00+02:00"
    assert audit["window"]["to_local"] == "2031-07-02T00:00:00+02:00"


def test_csv_and_ics_are_bytes_that_programs_read(troubled: Repository) -> None:
    environment = troubled.environment
    outputs = {}
    for output in ("csv", "ics"):
        command = troubled.command("audit", "--format", output, "--from", "-1d")
        outputs[output] = subprocess.run(command, cwd=troubled.root, env=environment, capture_output=True).stdout
    assert outputs["csv"].startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(outputs["csv"].decode("utf-8-sig"), newline="")))
    assert {len(row) for row in table} == {len(table[0])}
    assert outputs["csv"].count(b"\r\n") == outputs["csv"].count(b"\n")
    calendar: Any = icalendar.Calendar.from_ical(outputs["ics"])
    assert len(calendar.walk("VEVENT")) == len(table) - 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "soon"),
        ("--from", "+2d", "--to", "+1d"),
        ("--fail-on", "nonsense"),
        ("--overlap", "long"),
    ],
)
def test_wrong_usage(repository: Repository, arguments: tuple[str, ...]) -> None:
    ended = repository.run("audit", *arguments)
    assert ended.code == 64, ended


def test_no_key(repository: Repository) -> None:
    del repository.env["MSGFLASH_API_KEY"]
    assert repository.run("audit").code == 3


class TestProvenance:
    def git(self, repository: Repository, *arguments: str) -> str:
        who = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.com"}
        who |= {"GIT_COMMITTER_NAME": "Bob", "GIT_COMMITTER_EMAIL": "bob@example.com"}
        environment = {**who, "PATH": os.environ["PATH"], "HOME": str(repository.root), "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(repository.root), *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, repository: Repository, message: str) -> str:
        self.git(repository, "add", "-A")
        self.git(repository, "commit", "-qm", message)
        return self.git(repository, "rev-parse", "HEAD")

    @pytest.fixture
    def committed(self, repository: Repository) -> Repository:
        self.git(repository, "init", "-q")
        repository.write(".gitignore", ".msgflash/\n")
        return repository

    def test_commit_author_and_run(self, committed: Repository) -> None:
        committed.campaign("one", name="One", schedule=soon(days=5), body="One")
        commit = self.commit(committed, "one")
        assert committed.apply().code == 0
        _, audit = audited(committed)
        known = audit["sends"][0]["provenance"]
        assert known["commit"]["id"] == commit
        assert (known["commit"]["author"], known["commit"]["email"]) == ("Ana", "ana@example.com")
        assert known["dirty"] is False
        assert known["ledger"]["operation"] == "create"
        assert known["ledger"]["commit"] == commit
        assert datetime.now(UTC) - datetime.fromisoformat(known["ledger"]["at"]) < timedelta(minutes=5)
        assert audit["dirty"] is False

    def test_what_is_not_committed(self, committed: Repository) -> None:
        committed.campaign("one", name="One", schedule=soon(days=5), body="One")
        commit = self.commit(committed, "one")
        committed.campaign("one", name="One", schedule=soon(days=6), body="One")
        committed.campaign("two", name="Two", schedule=soon(days=7), body="Two")
        _, audit = audited(committed)
        known = {send["key"]: send["provenance"] for send in audit["sends"]}
        assert (known["one"]["commit"]["id"], known["one"]["dirty"]) == (commit, True)
        assert (known["two"]["commit"], known["two"]["dirty"]) == (None, True)
        assert audit["dirty"] is True

    def test_of_the_dashboard_what_the_api_tells(self, repository: Repository, sandbox: Sandbox) -> None:
        by_hand(sandbox, createdAt="2026-02-03T04:05:06.000Z", userId="u-1")
        _, audit = audited(repository)
        known = audit["sends"][0]["provenance"]
        assert (known["created_at"], known["user_id"], known["commit"]) == ("2026-02-03T04:05:06.000Z", "u-1", None)


class TestWhatWasSeen:
    def test_the_list(self, repository: Repository, sandbox: Sandbox) -> None:
        by_hand(sandbox)
        coverage = audited(repository)[1]["coverage"]
        assert (coverage["world"], coverage["listed"], coverage["messages_read"]) == ("list", 1, 0)
        assert coverage["blind_spots"] == [
            "campaigns made in the dashboard and deleted there are not in the list, and cannot be seen"
        ]

    def test_messages_are_of_no_use_there(self, repository: Repository, sandbox: Sandbox) -> None:
        by_hand(sandbox)
        done = repository.run("audit", "--read-messages")
        assert (done.code, "--read-messages is of no use here" in done.err) == (0, True)
        assert not [seen for seen in sandbox.requests if "/messages" in seen.path]

    def test_what_was_deleted_is_remembered(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.campaign("gone", name="Gone", schedule=soon(days=5), body="Gone")
        assert repository.apply().code == 0
        sandbox.delete_campaign(sandbox.campaigns()[0]["id"])
        _, audit = audited(repository)
        assert [(send["key"], send["status"]) for send in audit["stopped"]] == [("gone", "deleted")]
        assert (audit["coverage"]["listed"], audit["coverage"]["remembered"], audit["coverage"]["read"]) == (0, 1, 1)
