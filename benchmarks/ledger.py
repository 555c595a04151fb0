"""How long a ledger of 100,000 entries takes to be read and checked, and what it needs of memory.

    python benchmarks/ledger.py [--entries 100000] [--git] [--store-url URL]

Half of the entries are intents, half outcomes. Each store is filled first, by appends of 1,000 entries, and then read by a process of its
own, whose peak memory is shown. `--git` reads from a bare repository on this disk as well. `--store-url` reads from a PostgreSQL server or a bucket
that may be written to, under a project name that is new each time.
"""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgflash_gitops.model.ledger import Fact, Genesis, Head, Intent, LedgerSettings, Operation, OutcomeSeen, Phase
from msgflash_gitops.storage.ledger.chain import Chain, consume_lines, write_lines
from msgflash_gitops.storage.ledger.registry import TriedStore, open_store

MOMENT = datetime(2031, 4, 15, 7, tzinfo=UTC)
INSTANCE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
BATCH = 1_000


def opened(kind: str, root: Path, project: str) -> TriedStore:
    settings = LedgerSettings()
    return open_store(kind, root=root, project=project, workspace="default", environ=os.environ, settings=settings)


def facts(count: int) -> Iterator[Fact]:
    yield Genesis(INSTANCE)
    for number in range(1, count):
        key, digest = f"campaign-{number // 2}", f"{number // 2:010x}"
        if number % 2:
            yield Intent(
                key, "create", Operation.CREATE, digest=digest, instance_id=INSTANCE, start=MOMENT, repeat="none"
            )
        else:
            campaign = str(uuid.UUID(int=number))
            yield OutcomeSeen(key, "create", Operation.CREATE, Phase.DONE, campaign, digest, status="scheduled")


async def fill(store: TriedStore, project: str, count: int) -> None:
    lines, _, _ = write_lines(Chain(project, "default"), Head(), facts(count), at=MOMENT, run="bench")
    for first in range(0, len(lines), BATCH):
        await store.append(first, lines[first : first + BATCH])
    await store.close()


async def read(kind: str, root: Path, project: str) -> None:
    """In its own process: prints seconds for the store, seconds for the check, peak memory in MB."""
    store = opened(kind, root, project)
    began = time.perf_counter()
    lines = await store.read()
    fetched = time.perf_counter()
    entries, _ = consume_lines(Chain(project, "default"), lines)
    checked = time.perf_counter()
    await store.close()
    print(f"{len(entries)} {fetched - began} {checked - fetched} {peak()}")


def peak() -> float:
    """In MB. On Linux from the kernel's own file: `getrusage` starts with what the parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    if sys.platform == "win32":
        return 0.0
    import resource  # noqa: PLC0415 - not there on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def repository(folder: Path) -> Path:
    clone = folder / "clone"
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder / "up.git")], check=True)
    subprocess.run(["git", "clone", "--quiet", str(folder / "up.git"), str(clone)], check=True, capture_output=True)
    return clone


def measure(kind: str, root: Path, entries: int) -> None:
    project = f"bench-{uuid.uuid4().hex[:8]}"
    asyncio.run(fill(opened(kind, root, project), project, entries))
    command = [sys.executable, __file__, "--read", kind, str(root), project]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    count, fetched, checked, memory = (float(each) for each in done.stdout.split())
    assert count == entries
    print(f"  {kind:10}  read {fetched:5.2f} s   checked {checked:5.2f} s   peak {memory:4.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description="read and check a long ledger")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--git", action="store_true")
    parser.add_argument("--store-url")
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        kind, root, project = options.read
        asyncio.run(read(kind, Path(root), project))
        return
    print(f"{options.entries} entries, Python {platform.python_version()}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder:
        measure("file", Path(folder), options.entries)
        if options.git:
            measure("git", repository(Path(folder)), options.entries)
        if options.store_url:
            os.environ["MSGFLASH_LEDGER_URL"] = options.store_url
            measure(options.store_url.partition(":")[0], Path(folder), options.entries)


if __name__ == "__main__":
    main()
