"""`ledger init` over files: what is begun, taken over, restored, and refused. Real files, real chains."""

import asyncio
from pathlib import Path

import pytest

from msgflash_gitops.errors import InputError, LedgerError, UsageError
from msgflash_gitops.files.ledger_edit import Uneditable
from msgflash_gitops.files.project import load_project
from msgflash_gitops.model.project import Project
from msgflash_gitops.workflows.ledger.begin import Begun, begin, restore
from msgflash_gitops.workflows.ledger.reading import Place, export, read_ledger, show, unlock
from msgflash_gitops.workflows.memory import store_of
from tests.storage.clock import FakeClock
from tests.support.ledger import FIRST, ID, KILLED, STORY, THIRD, Run, write

TWO = "project: crm\nworkspaces:\n  production: {api_key_env: A}\n  staging: {api_key_env: B}\n"
ONE = "project: crm\n"


class Desk:
    """A project's folder."""

    def __init__(self, root: Path, text: str = ONE) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.file = root / "msgflash.yaml"
        self.file.write_text(text)

    @property
    def project(self) -> Project:
        return load_project(self.root)

    def ledger_of(self, workspace: str) -> Path:
        name = "ledger.jsonl" if workspace == "default" else f"ledger.{workspace}.jsonl"
        return self.root / ".msgflash" / name

    def begin(self, store: str | None = None, workspace: str | None = None) -> Begun:
        return asyncio.run(begin(self.project, {}, FakeClock(), store=store, workspace=workspace))

    def place(self, workspace: str = "default", *, sandbox: bool = False) -> Place:
        return Place(self.project, workspace, {}, sandbox=sandbox)

    def write(self, runs: list[Run], workspace: str = "default") -> None:
        write(store_of(self.project, workspace, {}, sandbox=False), "crm", workspace, runs)

    def export(self, workspace: str = "default") -> bytes:
        return asyncio.run(export(self.place(workspace)))[0]

    def restore(self, data: bytes, workspace: str = "default") -> Begun:
        return asyncio.run(restore(self.project, {}, FakeClock(), data, workspace=workspace))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "one")


@pytest.fixture
def two(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "two", TWO)


def test_one_id_stands_for_all_workspaces(two: Desk) -> None:
    begun = two.begin()
    assert list(begun.places) == ["production", "staging"]
    assert begun.named
    assert two.project.ledger.id == begun.id
    for workspace in ("production", "staging"):
        assert asyncio.run(read_ledger(two.place(workspace))).ref.id == begun.id


def test_again_changes_nothing(two: Desk) -> None:
    first = two.begin()
    before = {path: path.read_bytes() for path in two.root.rglob("*") if path.is_file()}
    again = two.begin()
    assert (again.id, again.places, again.named) == (first.id, {}, False)
    assert {path: path.read_bytes() for path in two.root.rglob("*") if path.is_file()} == before


def test_a_chain_that_was_only_begun_is_taken_over(two: Desk) -> None:
    """msgflash.yaml could not be written the first time, or only one of the chains was begun."""
    first = two.begin()
    two.file.write_text(TWO)
    two.ledger_of("staging").unlink()
    again = two.begin()
    assert (again.id, list(again.places), again.named) == (first.id, ["staging"], True)
    assert two.project.ledger.id == first.id


def test_a_file_that_is_in_use_without_being_named_is_read_and_taken_over(desk: Desk) -> None:
    """Where the account has a list, apply keeps one that msgflash.yaml does not name."""
    begun = desk.begin()
    desk.write([*STORY, KILLED])
    desk.file.write_text(ONE)
    assert asyncio.run(read_ledger(desk.place())).ref.id == begun.id
    assert asyncio.run(unlock(desk.place(), FakeClock(), THIRD)).run == THIRD
    again = desk.begin()
    assert (again.id, again.places, again.named) == (begun.id, {}, True)
    assert desk.project.ledger.id == begun.id


def test_two_ledgers_are_refused(two: Desk) -> None:
    two.begin()
    kept = two.ledger_of("staging").read_bytes()
    two.file.write_text(TWO)
    for workspace in ("production", "staging"):
        two.ledger_of(workspace).unlink()
    two.begin(workspace="production")
    two.file.write_text(TWO)
    two.ledger_of("staging").write_bytes(kept)
    with pytest.raises(LedgerError, match=r"several ledgers: .*\(production\), .*\(staging\)"):
        two.begin()
    assert two.file.read_text() == TWO
    ids = {name: asyncio.run(read_ledger(two.place(name))).ref.id for name in ("production", "staging")}
    two.file.write_text(f"{TWO}ledger: {{id: {ids['production']}}}\n")
    two.ledger_of("staging").unlink()
    assert two.begin(workspace="staging").id == ids["production"]


def test_an_id_without_its_ledger_is_never_begun_anew(two: Desk) -> None:
    two.begin()
    for workspace in ("production", "staging"):
        two.ledger_of(workspace).unlink()
    for named in (None, "staging"):
        with pytest.raises(LedgerError, match="there is nothing of it for") as caught:
            two.begin(workspace=named)
        assert "ledger init --from FILE" in str(caught.value.hint)
        assert "remove `id:` from msgflash.yaml" in str(caught.value.hint)
    assert not two.ledger_of("staging").exists()


def test_a_new_workspace_is_begun_by_its_name_alone(two: Desk) -> None:
    begun = two.begin(workspace="production")
    assert list(begun.places) == ["production"]
    with pytest.raises(LedgerError, match=r"nothing of it for staging \(.msgflash/ledger.staging.jsonl\)") as caught:
        two.begin()
    assert "`ledger init --workspace staging`" in str(caught.value.hint)
    assert not two.ledger_of("staging").exists()
    added = two.begin(workspace="staging")
    assert (added.id, list(added.places), added.named) == (begun.id, ["staging"], False)


def test_another_ledger_than_the_one_named_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.begin()
    other = Desk(tmp_path / "other")
    other.begin()
    desk.ledger_of("default").write_bytes(other.ledger_of("default").read_bytes())
    with pytest.raises(LedgerError, match=r"but msgflash\.yaml names"):
        desk.begin()


@pytest.mark.parametrize("ledger", ["ledger: {store: postgresql}\n", "ledger:\n  store: s3\n"])
def test_another_store_than_the_one_said_is_refused(desk: Desk, ledger: str) -> None:
    desk.file.write_text(ONE + ledger)
    with pytest.raises(InputError, match="and --store says file"):
        desk.begin(store="file")


def test_a_ledger_with_an_id_is_not_moved_by_saying_another_store(desk: Desk) -> None:
    desk.begin()
    with pytest.raises(InputError, match="the ledger's store is file") as caught:
        desk.begin(store="git")
    assert "ledger export" in str(caught.value.hint)
    assert desk.begin(store="file").places == {}


def test_an_address_without_a_store_is_a_question(desk: Desk) -> None:
    environ = {"MSGFLASH_LEDGER_URL": "s3://ledger"}
    with pytest.raises(UsageError, match="which store"):
        asyncio.run(begin(desk.project, environ, FakeClock()))
    assert not desk.ledger_of("default").exists()
    assert asyncio.run(begin(desk.project, environ, FakeClock(), store="file")).store == "file"


def test_an_id_that_somebody_else_wrote_meanwhile_stays(desk: Desk) -> None:
    project = desk.project
    desk.file.write_text(f"{ONE}ledger: {{id: {ID}}}\n")
    with pytest.raises(Uneditable, match=f"names the ledger {ID} now"):
        asyncio.run(begin(project, {}, FakeClock()))
    assert desk.project.ledger.id == ID


def test_settings_of_another_store_are_said_before_anything_is_made(desk: Desk) -> None:
    desk.file.write_text(ONE + "ledger: {path: memory.jsonl}\n")
    with pytest.raises(InputError):
        desk.begin(store="git")
    desk.begin()
    assert (desk.root / "memory.jsonl").exists()


def test_a_file_that_cannot_be_edited_is_told_what_to_add_and_goes_on(desk: Desk) -> None:
    desk.file.write_text(f"{ONE}...\n")
    hints = []
    for _ in range(2):
        with pytest.raises(Uneditable) as caught:
            desk.begin()
        hints.append(caught.value.hint)
    assert hints[0] == hints[1], "the second try takes over what the first one began"
    line = str(hints[0]).split("`")[1]
    desk.file.write_text(f"{ONE}{line}\n...\n")
    assert desk.begin().places == {}


def test_a_copy_restores_a_lost_ledger(desk: Desk) -> None:
    begun = desk.begin()
    desk.write(STORY)
    copy = desk.export()
    desk.ledger_of("default").unlink()
    restored = desk.restore(copy)
    assert (restored.id, list(restored.places), restored.named) == (begun.id, ["default"], False)
    assert restored.entries == len(copy.splitlines())
    assert desk.export() == copy
    assert desk.restore(copy).places == {}


def test_a_copy_brings_its_id_along(desk: Desk, tmp_path: Path) -> None:
    begun = desk.begin()
    desk.write(STORY)
    other = Desk(tmp_path / "other")
    restored = other.restore(desk.export())
    assert (restored.id, restored.named) == (begun.id, True)
    assert other.project.ledger.id == begun.id


def test_workspaces_are_restored_one_by_one(two: Desk) -> None:
    begun = two.begin()
    copies = {workspace: two.export(workspace) for workspace in ("production", "staging")}
    two.file.write_text(TWO)
    for workspace in copies:
        two.ledger_of(workspace).unlink()
    for workspace, copy in copies.items():
        assert two.restore(copy, workspace).id == begun.id
    assert two.begin().places == {}


def test_a_copy_of_another_ledger_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.begin()
    other = Desk(tmp_path / "other")
    other.begin()
    desk.ledger_of("default").unlink()
    with pytest.raises(LedgerError, match=r"the file holds the ledger .* but msgflash\.yaml names"):
        desk.restore(other.export())
    assert not desk.ledger_of("default").exists()


def test_a_copy_of_another_ledger_beside_a_workspace_is_refused(two: Desk, tmp_path: Path) -> None:
    two.begin(workspace="staging")
    two.file.write_text(TWO)
    other = Desk(tmp_path / "other", TWO)
    other.begin()
    with pytest.raises(LedgerError, match="several ledgers"):
        two.restore(other.export("production"), "production")


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda _: b"", "is empty"),
        (lambda data: data[:-1], "not whole"),
        (lambda data: data.replace(b"newsletter", b"otherstuff"), "does not follow"),
        (lambda _: b"hello\n", "cannot be read"),
        (lambda data: data.replace(b'"crm"', b'"erp"'), "belongs to"),
    ],
)
def test_a_damaged_copy_is_refused(desk: Desk, alter: object, said: str) -> None:
    desk.begin()
    desk.write(STORY)
    copy = alter(desk.export())  # type: ignore[operator]
    desk.ledger_of("default").unlink()
    with pytest.raises(LedgerError, match=said):
        desk.restore(copy)
    assert not desk.ledger_of("default").exists()


def test_a_copy_is_never_put_over_a_ledger(desk: Desk) -> None:
    desk.begin()
    copy = desk.export()
    desk.write(STORY)
    with pytest.raises(LedgerError, match="there is a ledger already"):
        desk.restore(copy)


def test_show_names_near_keys(desk: Desk) -> None:
    desk.begin()
    desk.write(STORY)
    with pytest.raises(InputError, match="knows no key 'newsleter'") as caught:
        asyncio.run(show(desk.place(), ("newsleter",)))
    assert caught.value.hint == "did you mean 'newsletter'?"
    assert asyncio.run(show(desk.place(), ("newsletter",))).keys["newsletter"].campaigns


@pytest.mark.parametrize("said", [THIRD, THIRD[:8], THIRD[:8].upper()])
def test_a_lease_is_freed_by_its_run(desk: Desk, said: str) -> None:
    desk.begin()
    desk.write([*STORY, KILLED])
    held = asyncio.run(unlock(desk.place(), FakeClock(), said))
    assert held.run == THIRD
    story = asyncio.run(show(desk.place(), ()))
    assert story.holder is None
    assert [each.command for each in story.runs.values()][-1] == "ledger unlock"


@pytest.mark.parametrize("said", [THIRD[:7], FIRST, FIRST[:8], "zzzzzzzz", ""])
def test_a_lease_is_not_freed_without_its_run(desk: Desk, said: str) -> None:
    desk.begin()
    desk.write([*STORY, KILLED])
    before = desk.ledger_of("default").read_bytes()
    with pytest.raises(LedgerError, match=f"held by run {THIRD}") as caught:
        asyncio.run(unlock(desk.place(), FakeClock(), said))
    assert f"ledger unlock {THIRD}" in str(caught.value.hint)
    assert desk.ledger_of("default").read_bytes() == before


def test_a_beginning_that_several_runs_share_is_not_enough(desk: Desk) -> None:
    desk.begin()
    desk.write([*STORY, (f"{THIRD[:8]}dddd", []), (f"{THIRD[:8]}dddd", KILLED[1][:1]), KILLED])
    with pytest.raises(LedgerError, match="2 runs begin with 33333333"):
        asyncio.run(unlock(desk.place(), FakeClock(), THIRD[:8]))


def test_the_sandbox_has_its_own(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="the sandbox has no ledger yet") as caught:
        asyncio.run(read_ledger(desk.place(sandbox=True)))
    assert "apply --sandbox" in str(caught.value.hint)
    desk.begin()
    (desk.root / ".msgflash" / "sandbox-ledger.jsonl").write_bytes(desk.ledger_of("default").read_bytes())
    desk.file.write_text(ONE)
    assert asyncio.run(read_ledger(desk.place(sandbox=True))).place == ".msgflash/sandbox-ledger.jsonl"
