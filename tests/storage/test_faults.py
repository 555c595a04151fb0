"""Answers that are lost, servers that lie, writers that die: each on the real thing."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from msgflash_gitops.errors import HeadMoved, LedgerError, LedgerLost
from msgflash_gitops.model.ledger import LedgerSettings
from msgflash_gitops.storage.ledger.file import FileStore
from msgflash_gitops.storage.ledger.git import GitStore
from msgflash_gitops.storage.ledger.objects import ObjectStore
from msgflash_gitops.storage.ledger.postgresql import PostgresqlStore
from msgflash_gitops.storage.ledger.probe import probe
from msgflash_gitops.storage.ledger.registry import TriedStore, open_store
from tests.storage import servers
from tests.storage.proxy import Proxy, proxied

# The file


def test_a_torn_tail_is_passed_over_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"one\ntwo\nthr")

    async def scenario() -> None:
        store, other = FileStore(path), FileStore(path)
        assert await store.read() == [b"one", b"two"]
        await store.append(2, [b"three"])
        assert path.read_bytes() == b"one\ntwo\nthree\n"
        assert await other.read() == [b"one", b"two", b"three"]

    asyncio.run(scenario())


def test_a_file_that_became_shorter_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"one\ntwo\n")

    async def scenario() -> None:
        store = FileStore(path)
        await store.read()
        with path.open("r+b") as file:
            file.truncate(4)
        for attempt in (store.read(2), store.append(2, [b"three"])):
            with pytest.raises(LedgerError, match="shorter"):
                await attempt

    asyncio.run(scenario())


@pytest.mark.parametrize("what", ["pipe", "loop", "folder", "pipe as lock", "file as folder"])
def test_what_is_no_file_is_an_error_at_once(tmp_path: Path, what: str) -> None:
    path = tmp_path / "ledger.jsonl"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "loop":
        path.symlink_to(path)
    elif what == "folder":
        path.mkdir()
    elif what == "pipe as lock":
        os.mkfifo(tmp_path / "ledger.jsonl.lock")
        path.write_bytes(b"one\n")
    else:
        path.write_bytes(b"")
        path = path / "ledger.jsonl"
    if what != "file as folder":
        with pytest.raises(LedgerError):
            asyncio.run(FileStore(path).read())
    with pytest.raises(LedgerError):
        asyncio.run(FileStore(path).append(0, [b"one"]))


def test_a_killed_writer_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    code = """
        import asyncio, pathlib, sys
        from msgflash_gitops.storage.ledger.file import FileStore
        async def main():
            store = FileStore(pathlib.Path(sys.argv[1]))
            for number in range(1_000_000):
                await store.append(number, [b"%d" % number])
                print(number, flush=True)
        asyncio.run(main())
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(50):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    told = 50 + len(process.stdout.read().splitlines())
    process.stdout.close()
    process.wait()

    async def scenario() -> None:
        store = FileStore(path)
        lines = await store.read()
        assert told <= len(lines) <= told + 1
        assert lines == [b"%d" % number for number in range(len(lines))]
        await store.append(len(lines), [b"next"])

    asyncio.run(scenario())


# Git


def store_in(folder: Path, workspace: str = "default") -> GitStore:
    return GitStore(folder, project="crm", workspace=workspace, remote="origin", branch="msgflash-ledger")


def hook(bare: Path, name: str, text: str) -> None:
    path = bare / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


# Once: the server's process is killed before, or after, it has moved the branch.
ONCE = "test -e die-once || exit 0; rm die-once; kill -9 $PPID; sleep 1"


@pytest.mark.parametrize("moment", ["pre-receive", "post-receive"])
def test_a_push_without_an_answer_lands_once(bare: Path, moment: str) -> None:
    folder = servers.clone(bare, "one")

    async def scenario() -> None:
        store = store_in(folder)
        await store.append(0, [b"one"])
        hook(bare, moment, ONCE)
        (bare / "die-once").touch()
        await store.append(1, [b"two"])
        assert not (bare / "die-once").exists()
        await store.append(2, [b"three"])
        assert await store_in(servers.clone(bare, "two")).read() == [b"one", b"two", b"three"]

    asyncio.run(scenario())


def test_a_push_that_never_gets_an_answer_is_lost(bare: Path) -> None:
    hook(bare, "pre-receive", "kill -9 $PPID; sleep 1")
    with pytest.raises(LedgerLost):
        asyncio.run(store_in(servers.clone(bare, "one")).append(0, [b"one"]))


def test_a_refused_push_says_so(bare: Path) -> None:
    hook(bare, "pre-receive", "echo this branch is protected >&2; exit 1")
    with pytest.raises(LedgerError, match="hook declined") as caught:
        asyncio.run(store_in(servers.clone(bare, "one")).append(0, [b"one"]))
    assert not isinstance(caught.value, HeadMoved | LedgerLost)
    assert "let the pipeline's user push" in str(caught.value.hint)


def test_the_clone_stays_as_it_was(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shallow, detached, dirty, without an identity, with hooks that refuse, below the top folder."""
    folder = servers.clone(bare, "ci", "--depth=1")
    servers.git(folder, "checkout", "--quiet", "--detach")
    hook(folder / ".git", "pre-push", "exit 1")
    hook(folder / ".git", "reference-transaction", "exit 1")
    (folder / "below").mkdir()
    (folder / "below" / "new").write_text("new")
    (folder / "file").write_text("dirty")
    monkeypatch.setenv("HOME", str(bare.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "")
    before = [
        servers.git(folder, *each) for each in (("status", "--porcelain"), ("rev-parse", "HEAD"), ("branch", "--all"))
    ]

    async def scenario() -> None:
        store = store_in(folder / "below")
        await store.append(0, [b"one"])
        await store.append(1, [b"two"])
        assert await store_in(folder / "below").read() == [b"one", b"two"]
        await store.close()

    asyncio.run(scenario())
    after = [
        servers.git(folder, *each) for each in (("status", "--porcelain"), ("rev-parse", "HEAD"), ("branch", "--all"))
    ]
    assert before[:2] == after[:2]
    assert servers.git(folder, "rev-parse", "--is-shallow-repository") == "true"
    full = servers.clone(bare, "full")
    asyncio.run(store_in(full).read())
    assert servers.git(full, "rev-parse", "--is-shallow-repository") == "false"


def test_a_branch_that_was_set_back_is_noticed(bare: Path) -> None:
    folder = servers.clone(bare, "one")

    async def scenario() -> None:
        store = store_in(folder)
        await store.append(0, [b"one"])
        await store.append(1, [b"two"])
        await store.close()
        servers.git(bare, "update-ref", "refs/heads/msgflash-ledger", "msgflash-ledger~1")
        with pytest.raises(LedgerError, match="no longer holds what this clone has seen"):
            await store_in(folder).read()
        assert await store_in(servers.clone(bare, "two")).read() == [b"one"]

    asyncio.run(scenario())


def test_passwords_of_a_remote_are_not_shown(bare: Path) -> None:
    folder = servers.clone(bare, "one")
    servers.git(folder, "remote", "set-url", "origin", "http://ana:s3cret-word@127.0.0.1:9/x.git")
    with pytest.raises(LedgerError) as caught:
        asyncio.run(store_in(folder).read())
    assert "s3cret-word" not in f"{caught.value} {caught.value.hint}"
    assert "127.0.0.1:9" in str(caught.value)


@pytest.mark.parametrize(
    ("remote", "branch"), [("-x", "b"), ("origin", "a:b"), ("origin", "--force"), ("origin", "a..b")]
)
def test_names_that_are_options_or_refspecs_are_refused(bare: Path, remote: str, branch: str) -> None:
    with pytest.raises(LedgerError, match="is no name of a"):
        GitStore(bare, project="crm", workspace="default", remote=remote, branch=branch)


def test_outside_a_repository_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not a git repository") as caught:
        asyncio.run(store_in(tmp_path).read())
    assert "clone" in str(caught.value.hint)


def test_a_clone_that_git_does_not_trust(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a job's container, where the files belong to another user."""
    folder = servers.clone(bare, "one")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(LedgerError, match="dubious ownership") as caught:
        asyncio.run(store_in(folder).read())
    assert "safe.directory" in str(caught.value.hint)


def test_a_remote_that_is_not_there(bare: Path) -> None:
    folder = servers.clone(bare, "one")
    servers.git(folder, "remote", "rename", "origin", "upstream")
    with pytest.raises(LedgerError, match="'origin' does not appear to be a git repository") as caught:
        asyncio.run(store_in(folder).read())
    assert "ledger: {remote: …}" in str(caught.value.hint)


# PostgreSQL


@pytest.mark.parametrize("moment", ["cut_before", "cut_after"])
def test_a_connection_cut_at_commit_lands_once(postgresql_url: str, moment: str) -> None:
    port = urlsplit(postgresql_url).port
    assert port is not None
    project = uuid.uuid4().hex

    async def scenario(proxy: Proxy) -> None:
        url = postgresql_url.replace(f":{port}/", f":{proxy.port}/")
        store = PostgresqlStore(url, project=project, workspace="default")
        await store.append(0, [b"one"])
        setattr(proxy, moment, b"COMMIT")
        await store.append(1, [b"two"])
        assert getattr(proxy, moment) is None
        await store.append(2, [b"three"])
        assert await store.read() == [b"one", b"two", b"three"]
        await store.close()

    with proxied(port) as proxy:
        asyncio.run(scenario(proxy))


@pytest.mark.parametrize(
    "alter",
    [
        lambda url: url.replace("s3cret-word", "wr0ng-word"),
        lambda url: url.replace("/postgres", "/nowhere"),
        lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"),
        lambda url: url + "?nonsense=s3cret-word",
        lambda url: url.replace("127.0.0.1", "127.0.0.1%zz"),
    ],
)
def test_postgresql_errors_show_no_password(postgresql_url: str, alter: object) -> None:
    assert callable(alter)
    with pytest.raises(LedgerError) as caught:
        asyncio.run(PostgresqlStore(alter(postgresql_url), project="crm", workspace="default").read())
    assert caught.value.hint
    for secret in ("s3cret-word", "wr0ng-word"):
        assert secret not in f"{caught.value} {caught.value.hint}"


def test_rows_that_were_removed_are_noticed(postgresql_url: str) -> None:
    import psycopg

    project = uuid.uuid4().hex

    async def scenario() -> None:
        store = PostgresqlStore(postgresql_url, project=project, workspace="default")
        await store.append(0, [b"one", b"two", b"three"])
        with psycopg.connect(postgresql_url) as connection:
            connection.execute("DELETE FROM msgflash_ledger WHERE project = %s AND number = 2", (project,))
        with pytest.raises(LedgerError, match="gap behind line 1"):
            await store.read()
        with psycopg.connect(postgresql_url) as connection:
            connection.execute("DELETE FROM msgflash_ledger WHERE project = %s AND number = 3", (project,))
        with pytest.raises(HeadMoved):
            await store.append(3, [b"four"])
        await store.close()

    asyncio.run(scenario())


# Objects


def in_s3(monkeypatch: pytest.MonkeyPatch, port: int, folder: str) -> ObjectStore:
    for name, value in {**servers.AWS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}.items():
        monkeypatch.setenv(name, value)
    return ObjectStore("s3", f"s3://ledger/{folder}", project="crm", workspace="default", allow_http=True)


@pytest.mark.parametrize("moment", ["cut_before", "cut_after"])
def test_a_put_without_an_answer_lands_once(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    port = urlsplit(s3_endpoint).port
    assert port is not None

    async def scenario(proxy: Proxy) -> None:
        store = in_s3(monkeypatch, proxy.port, uuid.uuid4().hex)
        await store.append(0, [b"one"])
        setattr(proxy, moment, b"PUT ")
        await store.append(1, [b"two"])
        assert getattr(proxy, moment) is None
        await store.append(2, [b"three"])
        assert await store.read() == [b"one", b"two", b"three"]

    with proxied(port) as proxy:
        asyncio.run(scenario(proxy))


def test_a_server_that_ignores_conditions_is_refused(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port, folder = urlsplit(s3_endpoint).port, uuid.uuid4().hex
    assert port is not None

    def ignoring(data: bytes) -> bytes:
        return data.replace(b"if-none-match", b"x-unheard-of-").replace(b"If-None-Match", b"x-unheard-of-")

    with proxied(port, ignoring) as proxy, pytest.raises(LedgerError, match="takes two appends"):
        asyncio.run(probe(lambda _: in_s3(monkeypatch, proxy.port, folder)))
    asyncio.run(probe(lambda _: in_s3(monkeypatch, port, f"{folder}-good")))


def test_a_table_without_its_key_is_refused(postgresql_url: str) -> None:
    import psycopg

    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE keyless")
    url = postgresql_url.replace("/postgres", "/keyless")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE msgflash_ledger (project text, workspace text, number bigint, line bytea)")
    with pytest.raises(LedgerError, match="takes two appends"):
        asyncio.run(probe(lambda name: PostgresqlStore(url, project="crm", workspace=name)))


# What the environment gets wrong


@pytest.mark.parametrize(
    ("kind", "environ", "said"),
    [
        ("postgresql", {}, "MSGFLASH_LEDGER_URL is not set"),
        ("s3", {"MSGFLASH_LEDGER_URL": "gs://bucket"}, "has to begin with s3://"),
        ("s3", {"MSGFLASH_LEDGER_URL": "s3://"}, "has to begin with s3://"),
        ("gs", {"MSGFLASH_LEDGER_URL": "gs://user:pass@bucket"}, "more than a bucket"),
        ("az", {"MSGFLASH_LEDGER_URL": "az://box?sig=abc"}, "more than a bucket"),
        ("s3", {"MSGFLASH_LEDGER_URL": "s3://b", "AWS_ENDPOINT_URL": "http://minio.example"}, "plain http"),
        ("postgresql", {"MSGFLASH_LEDGER_URL": "mysql://u:s3cret-word@h/db"}, "has to begin with postgresql://"),
        ("redis", {}, "no ledger store 'redis'"),
    ],
)
def test_a_wrong_address_is_explained(tmp_path: Path, kind: str, environ: dict[str, str], said: str) -> None:
    with pytest.raises(LedgerError, match=said) as caught:
        opened(kind, tmp_path, environ)
    assert caught.value.hint
    assert "s3cret-word" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(("kind", "package"), [("postgresql", "psycopg"), ("s3", "obstore")])
def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, package: str) -> None:
    for name in [each for each in sys.modules if each.startswith("msgflash_gitops.storage.ledger.")]:
        if name.endswith((".postgresql", ".objects")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(LedgerError, match=package) as caught:
        opened(kind, tmp_path, {"MSGFLASH_LEDGER_URL": f"{kind}://host/name"})
    assert "pip install 'msgflash-gitops[" in str(caught.value.hint)


def opened(kind: str, root: Path, environ: dict[str, str]) -> TriedStore:
    settings = LedgerSettings()
    return open_store(kind, root=root, project="crm", workspace="default", environ=environ, settings=settings)
