"""The audit names who wrote what is live, not who edited its definition last: a real repository with two authors."""

import csv
import io
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest

from msgflash_gitops.sandbox import Sandbox
from tests.cli.test_audit import audited, by_hand
from tests.support.project import Repository, soon

WORDS = ("text", "markdown", "html", "ics")


class Authors:
    """A checkout in which each commit has an author; dates are seconds from now, so that no test depends on its speed."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        repository.write(".gitignore", ".msgflash/\n")
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, who: str = "Ana", date: str = "") -> str:
        names = {f"GIT_{role}_NAME": who for role in ("AUTHOR", "COMMITTER")}
        names |= {f"GIT_{role}_EMAIL": f"{who.lower()}@example.com" for role in ("AUTHOR", "COMMITTER")}
        dates = {f"GIT_{role}_DATE": date for role in ("AUTHOR", "COMMITTER")} if date else {}
        home = {"PATH": os.environ["PATH"], "HOME": str(self.repository.root), "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.repository.root), *arguments]
        done = subprocess.run(command, env={**names, **dates, **home}, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, who: str, **offset: float) -> str:
        date = (datetime.now(UTC) + timedelta(**offset)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.git("add", "-A")
        self.git("commit", "-qm", "x", who=who, date=date)
        return self.git("rev-parse", "HEAD")

    def edit(self, body: str, *, key: str = "spring") -> None:
        self.repository.campaign(key, name="Spring", schedule=self.schedule, body=body)

    schedule = soon(days=5)

    def applied(self, body: str = "First text") -> str:
        """Ana writes, commits and applies."""
        self.edit(body)
        commit = self.commit("Ana", hours=-1)
        ended = self.repository.apply()
        assert ended.code == 0, ended
        return commit

    def edited(self, **offset: float) -> str:
        """Bob edits and commits, and does not apply."""
        self.edit("Another text")
        return self.commit("Bob", **(offset or {"hours": 1}))

    def known(self) -> dict[str, Any]:
        _, audit = audited(self.repository)
        (send,) = audit["sends"]
        found: dict[str, Any] = send["provenance"]
        return found

    def who(self, output: str) -> str:
        """What a format says of who put it there, on one line."""
        ended = self.repository.run("audit", "--format", output)
        assert ended.code == 0, ended
        if output == "ics":
            (event,) = icalendar.Calendar.from_ical(ended.out).walk("VEVENT")
            return " ".join(str(event["DESCRIPTION"]).split())
        return " ".join(ended.out.split())

    def row(self) -> dict[str, str]:
        ended = self.repository.run("audit", "--format", "csv")
        (row,) = csv.DictReader(io.StringIO(ended.out.removeprefix("\ufeff")))
        return row


@pytest.fixture
def authors(repository: Repository) -> Authors:
    return Authors(repository)


class TestWithTheLedger:
    def test_every_format_names_who_wrote_what_is_live(self, authors: Authors) -> None:
        first, second = authors.applied(), authors.edited()
        for output in WORDS:
            said = authors.who(output)
            assert f"applied from {first[:10]} (Ana, " in said, output
            assert f"definition changed since by Bob ({second[:10]}, " in said, output
            assert said.count("Bob") == 1, output
        self.check_json(authors.known(), first, second)
        self.check_csv(authors.row(), first, second)

    def check_json(self, known: dict[str, Any], first: str, second: str) -> None:
        assert known["commit"] is None
        applied, editor = known["applied"], known["definition_changed_by"]
        assert (applied["commit"], applied["author"], applied["email"]) == (first, "Ana", "ana@example.com")
        assert datetime.fromisoformat(applied["date"]) < datetime.now(UTC) - timedelta(minutes=30)
        assert applied["dirty"] is False
        assert known["definition_changed_since"] is True
        assert (editor["id"], editor["author"], editor["email"]) == (second, "Bob", "bob@example.com")

    def check_csv(self, row: dict[str, str], first: str, second: str) -> None:
        assert (row["commit"], row["author"], row["committed"]) == ("", "", "")
        assert (row["applied_commit"], row["applied_author"]) == (first, "Ana")
        assert datetime.fromisoformat(row["applied_committed"]) < datetime.now(UTC) - timedelta(minutes=30)
        assert (row["applied_uncommitted_changes"], row["definition_changed_since"]) == ("", "yes")
        assert (row["changed_commit"], row["changed_author"]) == (second, "Bob")
        assert datetime.fromisoformat(row["changed_committed"]) > datetime.now(UTC)

    def test_once_it_is_applied_the_editor_is_the_author(self, authors: Authors) -> None:
        first, second = authors.applied(), authors.edited()
        assert authors.repository.apply().code == 0
        said = authors.who("text")
        assert f"{second[:10]} by Bob" in said
        assert "changed since" not in said
        _, audit = audited(authors.repository)
        (live,), (old,) = audit["sends"], audit["stopped"]
        assert (live["provenance"]["commit"]["id"], live["provenance"]["applied"]) == (second, None)
        assert live["provenance"]["definition_changed_since"] is False
        assert (old["provenance"]["commit"], old["provenance"]["applied"]["commit"]) == (None, first)

    def test_the_same_form_again_is_of_its_last_editor(self, authors: Authors) -> None:
        """A comment changes no digest: what is live is what the last commit says."""
        authors.applied()
        path = authors.repository.root / "campaigns/spring.yaml"
        path.write_text(f"# a comment\n{path.read_text()}")
        second = authors.commit("Bob", hours=1)
        known = authors.known()
        assert (known["commit"]["id"], known["commit"]["author"]) == (second, "Bob")
        assert (known["applied"], known["definition_changed_since"]) == (None, False)

    def test_an_edit_that_is_not_committed(self, authors: Authors) -> None:
        first = authors.applied()
        authors.edit("Not committed")
        known = authors.known()
        assert (known["commit"], known["applied"]["commit"], known["dirty"]) == (None, first, True)
        assert (known["definition_changed_since"], known["definition_changed_by"]) == (True, None)
        said = authors.who("text")
        assert "definition changed since it was applied, with changes that are not committed" in said

    def test_applied_with_changes_that_were_not_committed(self, authors: Authors) -> None:
        authors.edit("First")
        first = authors.commit("Ana", hours=-1)
        authors.edit("Second")
        assert authors.repository.apply().code == 0
        authors.edited()
        known = authors.known()
        assert (known["applied"]["commit"], known["applied"]["dirty"]) == (first, True)
        assert f"applied from {first[:10]} (Ana, " in authors.who("text")
        assert "with changes that were not committed" in authors.who("text")
        assert authors.row()["applied_uncommitted_changes"] == "yes"

    def test_an_edit_dated_before_the_apply_names_nobody(self, authors: Authors) -> None:
        """It may have come from a branch that was merged later: by its date alone nothing is said of who changed it since."""
        authors.applied()
        authors.edited(days=-2)
        known = authors.known()
        assert known["applied"]["author"] == "Ana"
        assert (known["definition_changed_since"], known["definition_changed_by"]) == (True, None)
        assert "Bob" not in authors.who("text")

    def test_a_definition_that_is_gone(self, authors: Authors) -> None:
        first = authors.applied()
        authors.repository.remove("spring")
        authors.commit("Bob", hours=1)
        known = authors.known()
        assert (known["applied"]["commit"], known["applied"]["author"]) == (first, "Ana")
        assert (known["commit"], known["definition_changed_since"]) == (None, None)

    def test_a_definition_with_errors(self, authors: Authors) -> None:
        first = authors.applied()
        authors.repository.write("campaigns/spring.yaml", "name: Spring\ninstance: nobody\n")
        second = authors.commit("Bob", hours=1)
        known = authors.known()
        assert (known["commit"], known["applied"]["commit"]) == (None, first)
        assert known["definition_changed_by"]["id"] == second

    def test_a_commit_that_a_shallow_clone_lacks(self, authors: Authors, tmp_path: Path) -> None:
        first = authors.applied()
        second = authors.edited()
        clone = tmp_path / "clone"
        authors.git("clone", "-q", "--depth", "1", f"file://{authors.repository.root}", str(clone))
        ledger = authors.repository.root / ".msgflash/ledger.jsonl"
        (clone / ".msgflash").mkdir()
        (clone / ".msgflash/ledger.jsonl").write_bytes(ledger.read_bytes())
        authors.repository.root = clone
        known = authors.known()
        assert known["applied"] == {"commit": first, "author": None, "email": None, "date": None, "dirty": False}
        said = authors.who("text")
        assert f"applied from {first[:10]}, definition changed since" in said
        assert f"{second[:10]} by" not in said


class TestWithoutTheLedger:
    @pytest.fixture
    def bare(self, authors: Authors) -> Authors:
        authors.applied()
        (authors.repository.root / ".msgflash/ledger.jsonl").unlink()
        return authors

    def test_no_format_names_an_author(self, bare: Authors) -> None:
        second = bare.edited()
        for output in WORDS:
            said = bare.who(output)
            assert f"definition changed since by Bob ({second[:10]}, " in said, output
            assert said.count("Bob") == 1, output
            assert "applied from" not in said, output
            assert "Ana" not in said, output
        known, row = bare.known(), bare.row()
        assert (known["commit"], known["applied"], known["definition_changed_since"]) == (None, None, True)
        assert known["definition_changed_by"]["id"] == second
        assert (row["author"], row["applied_author"], row["definition_changed_since"]) == ("", "", "yes")

    def test_nobody_is_known_to_have_changed_it(self, bare: Authors) -> None:
        bare.edited(days=-2)
        said = bare.who("text")
        assert "definition changed since it was applied" in said
        assert "Bob" not in said

    def test_the_same_form_is_of_its_last_editor(self, bare: Authors) -> None:
        assert bare.known()["commit"]["author"] == "Ana"
        assert bare.row()["definition_changed_since"] == "no"


def test_taken_over_from_the_dashboard_and_different(authors: Authors, sandbox: Sandbox) -> None:
    """No marker: nothing shows that it was ever applied from git."""
    made = by_hand(sandbox, name="Spring")
    authors.edit("Another text")
    path = authors.repository.root / "campaigns/spring.yaml"
    path.write_text(f"{path.read_text()}id: {made}\n")
    authors.commit("Bob", hours=1)
    known = authors.known()
    assert (known["commit"], known["applied"], known["definition_changed_since"]) == (None, None, None)
    assert "without a marker, and not as its definition" in authors.who("text")
    assert "by Bob" not in authors.who("text")
