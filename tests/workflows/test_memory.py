"""The ledger as a command opens it: where it lies, whether it is the right one, and what is said where it is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.model.ledger import Genesis, LeaseFreed, LeaseTaken, LedgerSettings, Observed, RunBegan
from msgflash_gitops.model.project import Project
from msgflash_gitops.sandbox import Behaviour
from msgflash_gitops.storage.ledger.without import Without
from msgflash_gitops.workflows.memory import store_of
from msgflash_gitops.workflows.session import Session
from tests.support.builders import PROJECT
from tests.workflows.desk import DOCUMENTED, LISTS, define
from tests.workflows.office import LEDGER, NAMED, Office

MakeOffice = Callable[..., Office]
BOTH = pytest.mark.parametrize("behaviour", [DOCUMENTED, LISTS], ids=["documented", "list"])


def refused(office: Office, **how: Any) -> LedgerError:
    """Neither a plan nor an apply begins, and nothing is written to the account."""
    with pytest.raises(LedgerError) as caught:
        office.planned(define(), **how)
    ended = office.apply(define(), **how)
    assert ended.error is not None
    assert (ended.error.message, ended.code) == (caught.value.message, 3)
    assert office.posts() == []
    return caught.value


# where there must be one


def test_without_a_list_a_ledger_must_be_named(make_office: MakeOffice) -> None:
    error = refused(make_office(DOCUMENTED))
    assert error.message == (
        "this account has no list of campaigns, so what was created must be remembered, and msgflash.yaml names no ledger yet: "
        "nothing was sent"
    )
    assert error.hint == (
        "make one once with `msgflash-gitops ledger init` (docs/ledger.md helps to choose its store), and commit msgflash.yaml"
    )


def test_a_ledger_of_this_machine_alone_is_not_enough_without_a_list(make_office: MakeOffice) -> None:
    """It was begun while the account had a list."""
    office = make_office(LISTS)
    office.apply(define())
    office.sandbox.behaviour = Behaviour(lists=False)
    ended = office.apply(define(body="edited"))
    assert ended.code == 3
    assert "had a list of campaigns" in str(ended.error)
    assert len(office.posts()) == 1


@BOTH
def test_a_store_that_was_chosen_must_have_been_made(make_office: MakeOffice, behaviour: Behaviour) -> None:
    error = refused(make_office(behaviour, ledger=LedgerSettings(store="git")))
    assert "no ledger" in error.message
    assert "ledger init" in (error.hint or "")


# whether it is the right one


@BOTH
def test_an_empty_ledger_is_no_empty_account(make_office: MakeOffice, behaviour: Behaviour) -> None:
    error = refused(make_office(behaviour, ledger=NAMED))
    assert error.message == (
        f"the ledger (ledger.jsonl) is empty, but msgflash.yaml names {LEDGER}: nothing is written to the account"
    )
    assert "ledger init --from FILE" in (error.hint or "")


@BOTH
def test_another_id_is_another_ledger(make_office: MakeOffice, behaviour: Behaviour) -> None:
    office = make_office(behaviour).named()
    office.project = replace(office.project, ledger=LedgerSettings(id="other"))
    error = refused(office)
    assert error.message == (
        f"the ledger (ledger.jsonl) is {LEDGER}, but msgflash.yaml names other: nothing is written to the account"
    )


@BOTH
def test_an_older_copy_is_recognised_by_who_has_seen_more(make_office: MakeOffice, behaviour: Behaviour) -> None:
    office = make_office(behaviour).named()
    older = office.ledger_path().read_bytes()
    office.apply(define("first", body="first"))
    last = len(office.entries())
    office.ledger_path().write_bytes(older)
    sent = office.posts()
    with pytest.raises(LedgerError) as caught:
        office.planned(define())
    assert caught.value.message == (
        f"the ledger (ledger.jsonl) is an older copy: it ends with entry 1, and this machine has seen entry {last} of it. "
        "What was created since would be created again; nothing is written to the account"
    )
    assert ".msgflash/ledger-seen.json" in (caught.value.hint or "")
    assert office.apply(define()).code == 3
    assert office.posts() == sent


def test_a_copy_that_went_another_way_is_recognised_too(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED).named()
    older = office.ledger_path().read_bytes()
    office.write(Observed(cancels=True))
    office.planned(define())
    office.ledger_path().write_bytes(older)
    office.write(Observed(cancels=False), Observed(cancels=False))
    with pytest.raises(LedgerError, match="is an older copy"):
        office.planned(define())


def test_who_has_seen_nothing_takes_the_ledger_as_it_is(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED, shared=True).named()
    office.apply(define())
    seen = office.folder / "runner/.msgflash/ledger-seen.json"
    head = json.loads(seen.read_text())[f"{LEDGER}/default"]
    assert head["number"] == len(office.entries())
    office.planned(define(), machine="laptop")
    seen.write_text("no JSON")
    office.planned(define())
    assert json.loads(seen.read_text())[f"{LEDGER}/default"] == head


def test_a_ledger_that_was_altered_is_refused(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED).named()
    office.apply(define())
    altered = office.ledger_path().read_bytes().replace(b'"spring"', b'"summer"')
    office.ledger_path().write_bytes(altered)
    assert office.apply(define()).code == 3
    assert len(office.posts()) == 1


def test_a_store_that_cannot_be_read_is_refused(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED).named()
    office.ledger_path().unlink()
    office.ledger_path().mkdir()
    assert "ledger" in refused(office).message


# a machine's own, beside a list


def test_beside_a_list_apply_begins_a_ledger_and_plan_does_not(make_office: MakeOffice) -> None:
    office = make_office(LISTS)
    planned = office.planned(define())
    assert (planned.plan.ledger, office.entries()) == (None, [])
    assert office.apply(define()).code == 0
    (genesis,) = [fact for fact in office.facts() if isinstance(fact, Genesis)]
    assert genesis.id != LEDGER
    assert set(office.memory().campaigns) == {each["id"] for each in office.sandbox.campaigns()}
    again = office.planned(define()).plan
    assert again.ledger is not None and again.ledger.id == genesis.id
    assert not (office.folder / "runner/.msgflash/ledger-seen.json").exists(), "nobody names it, so nobody counts on it"


def test_beside_a_list_a_ledger_that_cannot_be_begun_is_a_warning(make_office: MakeOffice) -> None:
    office = make_office(LISTS)
    (office.folder / "runner").mkdir()
    (office.folder / "runner/.msgflash").write_text("no folder")
    ended = office.apply(define())
    assert (ended.code, ended.applied.verified) == (0, True)
    (warning,) = office.console.told
    assert warning.startswith("warning: the ledger ledger.jsonl cannot be ")
    assert warning.endswith(": this run goes by the account's list alone")
    assert ended.deployed is not None and ended.deployed.planned.plan.ledger is None


def test_beside_a_list_a_ledger_that_is_broken_is_a_warning(make_office: MakeOffice) -> None:
    office = make_office(LISTS)
    office.ledger_path().parent.mkdir(parents=True)
    office.ledger_path().write_text("no entry\n")
    office.planned(define())
    assert office.apply(define()).code == 0
    assert len(office.console.told) == 2
    assert office.ledger_path().read_text() == "no entry\n"


def test_without_a_ledger_a_session_remembers_nothing(make_office: MakeOffice) -> None:
    office = make_office(LISTS)

    async def look(session: Session) -> None:
        assert isinstance(session.ledger, Without)
        assert session.memory.campaigns == {}
        async with session.writing("apply", wait=0):
            await session.ledger.append(Observed(lists=True))
        assert session.scope().ledger is None

    office.within(look, begin=False)
    assert office.entries() == []


# where it lies


@pytest.mark.parametrize(
    "workspace, sandbox, place",
    [
        ("default", False, ".msgflash/ledger.jsonl"),
        ("staging", False, ".msgflash/ledger.staging.jsonl"),
        ("default", True, ".msgflash/sandbox-ledger.jsonl"),
        ("staging", True, ".msgflash/sandbox-ledger-staging.jsonl"),
    ],
)
def test_each_workspace_and_the_sandbox_have_their_own(
    tmp_path: Path, workspace: str, sandbox: bool, place: str
) -> None:
    project = Project(str(tmp_path), PROJECT, ledger=LedgerSettings(store="file"))
    assert store_of(project, workspace, {}, sandbox=sandbox).place == place


def test_the_sandbox_needs_no_address(tmp_path: Path) -> None:
    project = Project(str(tmp_path), PROJECT, ledger=LedgerSettings(store="postgresql", id=LEDGER))
    assert store_of(project, "default", {}, sandbox=True).kind == "file"
    with pytest.raises(LedgerError, match="MSGFLASH_LEDGER_URL is not set"):
        store_of(project, "default", {}, sandbox=False)


def test_what_an_apply_writes_begins_and_ends_with_its_lease(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED).named()
    office.environ = {
        "GITHUB_ACTOR": "ana",
        "GITHUB_SERVER_URL": "https://git.example",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_RUN_ID": "7",
    }
    office.apply(define())
    genesis, began, taken, *_, freed = office.entries()
    assert isinstance(genesis.fact, Genesis)
    assert isinstance(began.fact, RunBegan)
    assert (began.fact.command, began.fact.actor, began.fact.job) == (
        "apply",
        "ana",
        "https://git.example/o/r/actions/runs/7",
    )
    assert (taken.fact, freed.fact) == (LeaseTaken(60), LeaseFreed(began.run))
    assert {each.run for each in office.entries()[1:]} == {began.run}
