"""`ledger …` as a user runs it, over a file, a git remote and PostgreSQL."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.files.project import load_project
from msgflash_gitops.workflows.memory import store_of
from tests.storage import servers
from tests.storage.proxy import proxied
from tests.support.ledger import KILLED, NEW, STORY, THIRD, Run, write
from tests.support.project import Ended, Repository

PROJECT = "project: crm  # ours\n# the end\n"
TWO = "project: crm\nworkspaces:\n  production: {api_key_env: A}\n  staging: {api_key_env: B}\n"
ALONE = "It lies on this machine alone: machines that share an account need a store that they share.\n"


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.postgresql(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with servers.s3() as endpoint:
        yield endpoint


@pytest.fixture(params=["file", "git", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Repository, str]:
    """A project beside its store, and the store's kind."""
    kind: str = request.param
    root, env = tmp_path / "project", {}
    if kind == "git":
        root = servers.clone(servers.repository(tmp_path / "git"), "project")
    if kind == "postgresql":
        env["MSGFLASH_LEDGER_URL"] = request.getfixturevalue("postgresql_url")
    repository = Repository(root, env)
    # One table is shared by all tests: each has a project of its own there.
    repository.write("msgflash.yaml", PROJECT.replace("crm", f"crm-{uuid.uuid4().hex[:8]}"))
    return repository, kind


@pytest.fixture
def alone(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path, {})
    repository.write("msgflash.yaml", PROJECT)
    return repository


def fill(repository: Repository, runs: list[Run], workspace: str = "default") -> None:
    """What applies would have written."""
    project = load_project(repository.root)
    write(store_of(project, workspace, repository.env, sandbox=False), project.name, workspace, runs)


def ledger(repository: Repository, *arguments: str, code: int = 0) -> Ended:
    done = repository.run("ledger", *arguments)
    assert done.code == code, done
    assert "s3cret-word" not in done.out + done.err
    return done


def test_begun_filled_shown_checked_and_written_out(desk: tuple[Repository, str]) -> None:
    repository, kind = desk
    before = (repository.root / "msgflash.yaml").read_text()
    begun = ledger(repository, "init", "--store", kind)
    ledger_id = begun.out.split()[1]
    assert (repository.root / "msgflash.yaml").read_text() == f"{before}ledger:\n  store: {kind}\n  id: {ledger_id}\n"
    assert begun.out.endswith("msgflash.yaml names it now: commit that change.\n")
    assert begun.err == (ALONE if kind == "file" else "")
    fill(repository, STORY)

    assert "There is nothing to do" in ledger(repository, "init").out
    shown = ledger(repository, "show").out
    assert f"workspace default: 25 entries, {kind} (" in shown
    assert "In doubt: 1 create whose answer was lost" in shown
    told = ledger(repository, "show", "newsletter", "--format", "json").json
    assert told["ledger"]["id"] == ledger_id
    assert [each["campaigns"][-1]["id"] for each in told["keys"]] == [NEW]
    assert ledger(repository, "verify").out.startswith("25 entries, head ")
    assert ledger(repository, "verify", "--format", "json").json["ledger"]["store"] == kind

    written = ledger(repository, "export")
    assert len(written.out.splitlines()) == 25
    assert ledger(repository, "export", "--output", "copy.jsonl").err == "25 entries written to copy.jsonl\n"
    assert (repository.root / "copy.jsonl").read_text() == written.out


def test_a_lease_is_told_and_freed(desk: tuple[Repository, str]) -> None:
    repository, kind = desk
    ledger(repository, "init", "--store", kind)
    fill(repository, [KILLED])
    assert f"Lease: held by run {THIRD} of cat on runner-1 (apply), since 2027-04-10" in ledger(repository, "show").out
    warned = ledger(repository, "export", "--output", "held.jsonl").err
    assert f"warning: a run is at work: run {THIRD} of cat on runner-1" in warned
    refused = ledger(repository, "unlock", "11111111", code=3)
    assert f"held by run {THIRD}" in refused.err
    assert ledger(repository, "unlock", THIRD[:8]).out.startswith("The lease is free. It was held by run 33333333cccc")
    assert "Lease: free" in ledger(repository, "show").out
    assert "nobody holds the lease" in ledger(repository, "unlock", THIRD, code=3).err


def test_a_ledger_moves_from_a_file_to_a_store_that_machines_share(tmp_path: Path, postgresql_url: str) -> None:
    name = f"crm-{uuid.uuid4().hex[:8]}"
    repository = Repository(
        servers.clone(servers.repository(tmp_path / "git"), "project"), {"MSGFLASH_LEDGER_URL": postgresql_url}
    )
    repository.write("msgflash.yaml", TWO.replace("crm", name))
    ledger(repository, "init", "--store", "file")
    for workspace in ("production", "staging"):
        fill(repository, STORY, workspace)
        ledger(repository, "export", "--workspace", workspace, "--output", f"{workspace}.jsonl")
    for before, after in (("file", "git"), ("git", "postgresql")):
        text = (repository.root / "msgflash.yaml").read_text()
        repository.write("msgflash.yaml", text.replace(f"store: {before}", f"store: {after}"))
        assert "nothing of it for production" in ledger(repository, "init", code=3).err
        assert "empty" in ledger(repository, "show", "--workspace", "staging", code=3).err
        for workspace in ("production", "staging"):
            done = ledger(repository, "init", "--from", f"{workspace}.jsonl", "--workspace", workspace)
            assert f"workspace {workspace}: restored, 25 entries" in done.out
            assert "what was applied after that is not known here" in done.err
            out = ledger(repository, "export", "--workspace", workspace).out
            assert out == (repository.root / f"{workspace}.jsonl").read_text()
        assert "There is nothing to do" in ledger(repository, "init").out


def test_a_second_clone_uses_the_ledger_of_the_first(tmp_path: Path) -> None:
    bare = servers.repository(tmp_path / "git")
    first, second = (Repository(servers.clone(bare, name), {}) for name in ("one", "two"))
    for each in (first, second):
        each.write("msgflash.yaml", PROJECT)
    begun = ledger(first, "init", "--store", "git")
    # Begun on both before the change to msgflash.yaml came along: one ledger all the same.
    ledger(second, "init", "--store", "git")
    assert (first.root / "msgflash.yaml").read_text() == (second.root / "msgflash.yaml").read_text()
    fill(second, STORY)
    second.write("msgflash.yaml", PROJECT)
    foreign = ledger(second, "init", "--store", "git", code=3)
    assert f"write `id: {begun.out.split()[1]}`" in foreign.err, (
        "it is in use: another project of that name may be using it"
    )
    assert f"Ledger {begun.out.split()[1]} of crm" in ledger(first, "show").out
    assert "25 entries" in ledger(first, "verify").out
    assert servers.git(first.root, "status", "--porcelain") == "?? msgflash.yaml"


@pytest.mark.parametrize("damage", ["lost", "changed", "cut", "another"])
def test_a_damaged_ledger_is_exit_3_and_says_where(alone: Repository, damage: str) -> None:
    ledger(alone, "init")
    fill(alone, STORY)
    path = alone.root / ".msgflash" / "ledger.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    said = {
        "lost": "is empty, but msgflash.yaml names",
        "changed": "line 5 of the ledger does not follow",
        "cut": "line 5 of the ledger bears the number 6",
        "another": "but msgflash.yaml names",
    }[damage]
    if damage == "lost":
        path.unlink()
    elif damage == "changed":
        path.write_text("".join([*lines[:3], lines[3].replace("newsletter", "other"), *lines[4:]]))
    elif damage == "cut":
        path.write_text("".join([*lines[:4], *lines[5:]]))
    else:
        text = (alone.root / "msgflash.yaml").read_text()
        alone.write("msgflash.yaml", text[:-2] + ("0" if text[-2] != "0" else "1") + "\n")
    for command in ("show", "verify", "export", "unlock 12345678"):
        done = ledger(alone, *command.split(), code=3)
        assert said in done.err
        assert "hint: " in done.err
        assert done.out == ""
    failed = ledger(alone, "verify", "--format", "json", code=3).json
    assert (failed["ok"], failed["error"]["exit_code"]) == (False, 3)
    assert said in failed["error"]["message"]


def test_a_store_without_conditional_writes_is_refused(alone: Repository, s3_endpoint: str) -> None:
    def deaf(data: bytes) -> bytes:
        return data.replace(b"if-none-match", b"x-unheard-of-").replace(b"If-None-Match", b"x-unheard-of-")

    port = int(s3_endpoint.rpartition(":")[2])
    with proxied(port, deaf) as proxy:
        alone.env.update(servers.AWS)
        alone.env["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{proxy.port}"
        alone.env["MSGFLASH_LEDGER_URL"] = f"s3://ledger/{uuid.uuid4().hex}"
        done = ledger(alone, "init", "--store", "s3", code=3)
    assert "takes two appends onto the same end" in done.err
    assert (alone.root / "msgflash.yaml").read_text() == PROJECT
    alone.env["AWS_ENDPOINT_URL"] = s3_endpoint
    assert "begun (s3://ledger/" in ledger(alone, "init", "--store", "s3").out
    assert "1 entry, head " in ledger(alone, "verify").out


def test_a_store_that_cannot_be_reached_is_exit_3(alone: Repository) -> None:
    missing = ledger(alone, "init", "--store", "postgresql", code=3)
    assert "MSGFLASH_LEDGER_URL is not set" in missing.err
    alone.env["MSGFLASH_LEDGER_URL"] = f"postgresql://ana:s3cret-word@127.0.0.1:{servers.free_port()}/x"
    assert "error: " in ledger(alone, "init", "--store", "postgresql", code=3).err
    assert "the project must be in a clone with that remote" in ledger(alone, "init", "--store", "git", code=3).err
    assert (alone.root / "msgflash.yaml").read_text() == PROJECT


def test_what_is_wrong_usage(alone: Repository) -> None:
    assert "begins its ledger by itself" in ledger(alone, "init", "--sandbox", code=64).err
    ledger(alone, "init", "--store", "nowhere", code=64)
    ledger(alone, "unlock", code=64)
    assert "there is no workspace 'nope'" in ledger(alone, "init", "--workspace", "nope", code=64).err
    alone.write("msgflash.yaml", TWO)
    ledger(alone, "init")
    assert "which workspace?" in ledger(alone, "show", code=64).err
    assert "1 entry" in ledger(alone, "verify", "--workspace", "staging").out
    unwritable = ledger(alone, "export", "--workspace", "staging", "--output", "no/such/folder/x", code=64)
    assert "cannot be written to no/such/folder/x" in unwritable.err


def test_paths_count_from_the_folder_that_is_named(alone: Repository) -> None:
    ledger(alone, "init", "-C", str(alone.root))
    (alone.root / "sub").mkdir()
    ledger(alone, "export", "-C", "sub", "--output", "copy.jsonl")
    (alone.root / ".msgflash" / "ledger.jsonl").unlink()
    assert "missing.jsonl cannot be read: No such file" in ledger(alone, "init", "--from", "missing.jsonl", code=1).err
    assert "a folder, not a regular file" in ledger(alone, "init", "--from", "sub", code=1).err
    assert "restored, 1 entry" in ledger(alone, "init", "-C", "sub", "--from", "copy.jsonl").out


def test_a_copy_from_the_middle_of_a_run_is_taken_back_by_who_knows_that_it_is_dead(alone: Repository) -> None:
    ledger(alone, "init")
    fill(alone, [*STORY, KILLED])
    ledger(alone, "export", "--output", "held.jsonl")
    (alone.root / ".msgflash" / "ledger.jsonl").unlink()
    refused = ledger(alone, "init", "--from", "held.jsonl", code=3)
    assert f"`ledger init --from FILE --unlock {THIRD}`" in refused.err
    assert (
        f"run {THIRD} holds its lease"
        in ledger(alone, "init", "--from", "held.jsonl", "--unlock", "11111111", code=3).err
    )
    assert not (alone.root / ".msgflash" / "ledger.jsonl").exists()
    assert "restored, 28 entries" in ledger(alone, "init", "--from", "held.jsonl", "--unlock", THIRD[:8]).out
    assert "Lease: free" in ledger(alone, "show").out
    assert "--unlock goes with --from" in ledger(alone, "init", "--unlock", THIRD, code=64).err


def test_an_unknown_key_is_exit_1(alone: Repository) -> None:
    ledger(alone, "init")
    fill(alone, STORY)
    done = ledger(alone, "show", "newsletter", "newsletters", code=1)
    assert "did you mean 'newsletter'?" in done.err
    assert done.out == ""


def test_a_secret_in_the_environment_never_alters_a_copy(alone: Repository) -> None:
    """`PGPASSWORD=newsletter` is masked wherever it is printed: a copy with `***` in it would be no ledger."""
    ledger(alone, "init")
    fill(alone, STORY)
    alone.env["PGPASSWORD"] = "newsletter"
    assert "***" in ledger(alone, "show").out
    assert "--output FILE" in ledger(alone, "export", code=3).err
    ledger(alone, "export", "--output", "copy.jsonl")
    del alone.env["PGPASSWORD"]
    assert (alone.root / "copy.jsonl").read_text() == ledger(alone, "export").out
