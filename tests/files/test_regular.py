"""No file of the user's is waited for: pipes, devices, sockets and links to themselves are said, and sizes are looked at first."""

import asyncio
import contextlib
import os
import select
import socket
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from msgflash_gitops.cli.pages import write_page
from msgflash_gitops.errors import GitopsError, InputError, LedgerError, PlanFileError
from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.files.planfile import read_plan
from msgflash_gitops.files.project import load_project
from msgflash_gitops.files.regular import NotRegular, TooLarge, read_regular, write_whole
from msgflash_gitops.files.reports import append_summary, write_report
from msgflash_gitops.files.seen_head import read_seen, write_seen
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.ledger import Head
from msgflash_gitops.model.project import Project
from msgflash_gitops.storage.ledger.file import FileStore

pytestmark = [
    pytest.mark.timeout(20),
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here"),
]


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


def _through_a_link(path: Path) -> None:
    os.mkfifo(path.with_name("behind"))
    path.symlink_to("behind")


STRANGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_pipe, "it is a named pipe, not a regular file"),
    "pipe behind a link": (_through_a_link, "it is a named pipe, not a regular file"),
    "socket": (_socket, "it is a socket, not a regular file"),
    "device": (_endless, "it is a device, not a regular file"),
    "folder": (Path.mkdir, "it is a folder, not a regular file"),
    "link to itself": (_loop, "Too many levels of symbolic links"),
    "a terabyte": (_sparse, "larger than"),
}


@pytest.fixture(params=STRANGE)
def strange(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A path that cannot be read, and the words that say why."""
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    make, words = STRANGE[request.param]
    make(Path("it.yaml"))
    return tmp_path / "it.yaml", words


def test_reading_says_what_it_is_and_takes_no_memory(strange: tuple[Path, str]) -> None:
    path, words = strange
    tracemalloc.start()
    with pytest.raises(OSError) as caught:
        read_regular(path, 1024**2)
    assert words in str(caught.value.strerror)
    assert tracemalloc.get_traced_memory()[1] < 2 * 1024**2
    tracemalloc.stop()


def test_a_definition(strange: tuple[Path, str], tmp_path: Path) -> None:
    path, words = strange
    if path.is_dir():
        return  # a folder is looked into, whatever its name
    (tmp_path / "campaigns").mkdir()
    path.rename(tmp_path / "campaigns/it.yaml")
    if (tmp_path / "behind").exists():
        (tmp_path / "behind").rename(tmp_path / "campaigns/behind")
    for paths in ([], [tmp_path / "campaigns/it.yaml"]):
        (found,) = load_definitions(Project(str(tmp_path), "crm"), paths).findings
        assert (found.path, found.rule in ("file-unreadable", "file-too-large", "path-outside-project")) == (
            "campaigns/it.yaml",
            True,
        )
        assert found.hint
        assert words in found.message or "out of the project's folder" in found.message


def test_the_project_file(strange: tuple[Path, str], tmp_path: Path) -> None:
    path, words = strange
    if path.is_symlink() and path.readlink().name == path.name:
        path.unlink()
        (tmp_path / "msgflash.yaml").symlink_to("msgflash.yaml")
    else:
        path.rename(tmp_path / "msgflash.yaml")
    with pytest.raises(InputError) as caught:
        load_project(tmp_path)
    (found,) = caught.value.findings
    assert words in found.message and found.path == "msgflash.yaml" and found.hint


def test_a_saved_plan(strange: tuple[Path, str]) -> None:
    path, words = strange
    with pytest.raises(PlanFileError) as caught:
        read_plan(path)
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("make", [_pipe, _endless, _socket, _loop, Path.mkdir])
def test_the_ledger_is_a_regular_file_alone(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("ledger.jsonl"))
    store = FileStore(tmp_path / "ledger.jsonl", place="ledger.jsonl")
    with pytest.raises(LedgerError, match=r"ledger\.jsonl (cannot be read: |is no regular file)") as caught:
        asyncio.run(store.read())
    assert caught.value.hint
    with pytest.raises(LedgerError, match=r"ledger\.jsonl (cannot be written: |is no regular file)") as caught:
        asyncio.run(store.append(0, [b"{}"]))
    assert caught.value.hint


def test_a_ledger_of_a_terabyte_is_not_read(tmp_path: Path) -> None:
    _sparse(tmp_path / "ledger.jsonl")
    with pytest.raises(LedgerError, match="is no ledger of ours"):
        asyncio.run(FileStore(tmp_path / "ledger.jsonl").read())


@pytest.mark.parametrize("make", [_pipe, _endless, _socket, _loop, _sparse, Path.mkdir])
def test_what_cannot_be_read_of_earlier_heads_is_passed_over(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a help alone: a run neither hangs nor fails for it."""
    monkeypatch.chdir(tmp_path)
    make(Path("seen.json"))
    assert read_seen(tmp_path / "seen.json", "id", "default") is None
    write_seen(tmp_path / "seen.json", "id", "default", Head(1, "a" * 64))
    assert read_seen(tmp_path / "seen.json", "id", "default") in (None, Head(1, "a" * 64))


WRITERS: dict[str, Callable[[Path], None]] = {
    "report": lambda path: write_report(path, "x" * 100_000),
    "page": lambda path: write_page(path, "x" * 100_000),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_pipe_that_nobody_reads_is_an_error(write: Callable[[Path], None], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GitopsError, match="nobody reads from it"):
        write(tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo(), "it was not replaced by a file"


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_pipe_that_somebody_reads_gets_it_all(write: Callable[[Path], None], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = threading.Thread(target=write, args=(pipe,))
    writer.start()
    got = b""
    while len(got) < 100_000:
        select.select([descriptor], [], [], 10)
        with contextlib.suppress(BlockingIOError):
            got += os.read(descriptor, 65536)
    writer.join()
    os.close(descriptor)
    assert got == b"x" * 100_000


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_device_is_an_error(write: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(GitopsError, match="No space left"):
        write(tmp_path / "full")
    assert Path("/dev/full").is_char_device()


def test_a_step_summary_is_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotRegular):
        append_summary(tmp_path / "pipe", "text")
    append_summary(tmp_path / "new", "text")
    append_summary(tmp_path / "new", "more")
    assert (tmp_path / "new").read_text() == "textmore"


def test_what_is_written_is_there_whole_behind_a_link_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    for path, data in ((tmp_path / "file", b"one"), (tmp_path / "link", b"two")):
        write_whole(path, data, 0o600)
        assert (tmp_path / "file").read_bytes() == data
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "link"]


def test_the_limit_is_the_last_size_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345678")
    assert read_regular(tmp_path / "a", 8) == b"12345678"
    with pytest.raises(TooLarge):
        read_regular(tmp_path / "a", 7)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
def test_a_file_that_does_not_tell_its_size_is_read_up_to_the_limit() -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    with pytest.raises(TooLarge):
        read_regular(Path("/proc/self/status"), 100)


@pytest.mark.parametrize("name", ["A.YAML", "b.Yml", "c.YML", "d.yaml"])
def test_endings_in_any_case_are_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / name).write_text("name: x\n")
    loaded = load_definitions(Project(str(tmp_path), "crm"))
    assert loaded.files == 1
    assert all(isinstance(each, Finding) and each.path == f"campaigns/{name}" for each in loaded.findings)
    assert loaded.findings
