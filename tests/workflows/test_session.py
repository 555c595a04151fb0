"""The right to write: who holds it, who takes it over, and that it is given back however a run ends."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from msgflash_gitops.errors import LeaseLost, LedgerError, UsageError
from msgflash_gitops.files.process import has_ended, this_process
from msgflash_gitops.model.ledger import LeaseFreed, LeaseRenewed, LeaseTaken, Observed, RunBegan
from msgflash_gitops.model.project import Project, Workspace
from msgflash_gitops.planning.lease import holder
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.genesis import unlock
from msgflash_gitops.workflows.memory import LEASE
from msgflash_gitops.workflows.session import Session, choose_workspace
from tests.support.builders import PROJECT
from tests.workflows.desk import DOCUMENTED, LISTS, define
from tests.workflows.office import Office

MakeOffice = Callable[..., Office]


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office(DOCUMENTED, shared=True).named()


def is_free(office: Office) -> bool:
    return holder(office.entries()) is None


def ended_process() -> str:
    """How a process named itself that has ended since."""
    code = "from msgflash_gitops.files.process import this_process; print(this_process())"
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


# processes


def test_a_process_is_told_from_every_other() -> None:
    mine = this_process()
    assert mine is not None
    assert not has_ended(mine)
    ended = ended_process()
    assert ended != mine
    assert has_ended(ended)


def test_a_number_that_was_given_again_is_another_process() -> None:
    mine = this_process()
    assert mine is not None
    number, _, began = mine.rpartition("/")[2].partition(".")
    assert has_ended(f"{mine.rpartition('/')[0]}/{number}.{int(began) - 1}")


def test_a_process_that_the_system_does_not_show_has_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mounted with `hidepid`, /proc shows each user their own processes alone."""
    ended = ended_process()

    def forbidden(number: int, signal: int) -> None:
        raise PermissionError(number, signal)

    monkeypatch.setattr(os, "kill", forbidden)
    assert not has_ended(ended)


@pytest.mark.parametrize("alter", ["boot", "namespace", "nonsense", "no number"])
def test_nobody_can_see_a_process_of_another_machine(alter: str) -> None:
    ended = ended_process()
    boot, namespace, rest = ended.split("/")
    elsewhere = {
        "boot": f"other/{namespace}/{rest}",
        "namespace": f"{boot}/1/{rest}",
        "nonsense": "nonsense",
        "no number": f"{boot}/{namespace}/x.1",
    }[alter]
    assert not has_ended(elsewhere)


def test_a_process_whose_end_nobody_has_taken_note_of_has_ended() -> None:
    """Killed, and still in the table of processes."""
    code = "from msgflash_gitops.files.process import this_process; print(this_process(), flush=True)"
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        named = process.stdout.readline().strip()
        assert process.stdout.read() == "", "its output is closed when it has ended"
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(named)


# the lease


def test_a_lease_that_a_living_process_holds_is_waited_for_or_refused(office: Office) -> None:
    office.write(RunBegan("apply", actor="ana", host="host-1", process=this_process()), free=False)
    before = len(office.entries())
    ended = office.apply(define())
    assert isinstance(ended.error, LedgerError)
    assert ended.code == 3
    for word in ("earlier", "ana", "host-1"):
        assert word in f"{ended.error.message} {ended.error.hint}"
    assert (office.posts(), len(office.entries())) == ([], before)


def test_a_lease_whose_process_has_ended_is_taken_over_at_once(office: Office) -> None:
    office.write(RunBegan("apply", process=ended_process()), free=False)
    began = office.loop.seconds
    assert office.apply(define()).code == 0
    assert office.loop.seconds - began < 2
    taken = [fact for fact in office.facts() if isinstance(fact, LeaseTaken)]
    assert taken[-1] == LeaseTaken(LEASE, over="earlier")


def test_a_lease_of_another_machine_is_taken_over_when_it_was_silent_for_its_whole_time(office: Office) -> None:
    office.write(RunBegan("apply", host="elsewhere", process="boot/1/2.3"), free=False)
    assert office.apply(define(), wait=LEASE - 1).code == 3
    began = office.loop.seconds
    assert office.apply(define(), wait=LEASE * 2).code == 0
    assert LEASE <= office.loop.seconds - began < LEASE + 5
    assert any("elsewhere" in line for line in office.console.told), "who waits is told for whom"


def test_two_machines_wait_for_each_other(office: Office) -> None:
    applies = [office.deploy([define()], each, wait=600.0) for each in ("runner", "laptop")]
    ended = office.together(*applies)
    assert [each.code for each in ended] == [0, 0]
    assert sorted(len(each.applied.results) for each in ended) == [0, 1]
    assert len(office.sandbox.campaigns()) == 1
    assert is_free(office)


def test_a_plan_takes_no_lease_and_waits_for_nobody(office: Office) -> None:
    office.write(RunBegan("apply"), free=False)
    before = office.entries()
    assert office.planned(define()).plan.changes
    assert office.entries() == before


def test_beside_a_list_a_lease_that_is_held_is_respected_too(make_office: MakeOffice) -> None:
    office = make_office(LISTS)
    office.apply(define())
    office.write(RunBegan("apply", process=this_process()), free=False)
    assert office.apply(define(body="edited")).code == 3
    assert len(office.posts()) == 1


def test_the_lease_is_given_back_at_the_end(office: Office) -> None:
    office.apply(define())
    assert is_free(office)
    assert isinstance(office.facts()[-1], LeaseFreed)


def test_the_lease_is_given_back_after_an_error(office: Office) -> None:
    assert office.apply(define(instance="nobody")).code == 1
    assert is_free(office)

    async def fail(session: Session) -> None:
        async with session.writing("apply", wait=0):
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        office.within(fail)
    assert is_free(office)


def test_the_lease_is_given_back_when_the_run_is_cancelled(office: Office) -> None:
    """Ctrl-C or SIGTERM before anything was written."""
    begun = asyncio.Event()

    async def hang(session: Session) -> None:
        async with session.writing("apply", wait=0):
            begun.set()
            await asyncio.sleep(3600)

    async def cancelled() -> None:
        async def in_session() -> None:
            async with office.session() as session:
                await hang(session)

        task = asyncio.ensure_future(in_session())
        await begun.wait()
        assert not is_free(office)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    office.loop.run_until_complete(cancelled())
    assert is_free(office)


def test_a_long_run_shows_that_it_lives(office: Office) -> None:
    async def think(session: Session) -> None:
        async with session.writing("apply", wait=0):
            await asyncio.sleep(10 * LEASE)

    office.within(think)
    signs = [each.at for each in office.entries() if isinstance(each.fact, LeaseTaken | LeaseRenewed | LeaseFreed)]
    assert max(later - earlier for earlier, later in itertools.pairwise(signs)).total_seconds() <= LEASE / 3


def test_a_run_whose_lease_was_freed_by_hand_writes_nothing_more(office: Office) -> None:
    async def fenced(session: Session) -> None:
        async with session.writing("apply", wait=0):
            store = FileStore(office.ledger_path())
            await unlock(store, project=PROJECT, workspace="default", clock=office.clock, run_id="by-hand", of="run1")
            with pytest.raises(LeaseLost, match="this run writes nothing more"):
                await session.ledger.append(Observed(lists=False))

    office.within(fenced)
    assert is_free(office)
    assert not any(isinstance(fact, Observed) for fact in office.facts())


# what is opened


def test_the_only_workspace_is_meant_and_among_several_none_is() -> None:
    one, two = Workspace("production"), Workspace("staging")
    project = Project("/", PROJECT, workspaces={"production": one})
    assert choose_workspace(project, None, {}) is one
    several = replace(project, workspaces={"production": one, "staging": two})
    assert choose_workspace(several, "staging", {"MSGFLASH_WORKSPACE": "production"}) is two
    assert choose_workspace(several, None, {"MSGFLASH_WORKSPACE": "staging"}) is two
    with pytest.raises(UsageError, match="which workspace") as caught:
        choose_workspace(several, None, {})
    assert "production, staging" in caught.value.message
    with pytest.raises(UsageError, match="no workspace 'test'"):
        choose_workspace(several, "test", {})
