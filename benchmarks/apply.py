"""What a plan and an apply of N campaigns cost: requests to the API, entries and appends of the ledger, and time over each store.

    python benchmarks/apply.py [--campaigns 100] [--rounds 3]

The account is the sandbox on a port, in the documented world (no list) and in the list world. The stores are a file and a branch of a bare
repository on this disk; their rounds alternate, and the ratio is the median of the pairs. An apply keeps the pace of 10 requests a second.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-m", "msgflash_gitops"]
DEFINITION = """name: Campaign {number}
instance: boutique-principale
schedule: 2031-04-15T09:00:00Z
recipients: {{type: tags, value: [client]}}
type: text
body: Hello {number}
"""
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@boutique.example",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@boutique.example",
}


@dataclass(frozen=True)
class Cost:
    """`plan_again`: requests of the plan after the apply. `appends`: commits on the ledger's branch; None for a file."""

    plan: int
    apply: int
    plan_again: int
    entries: int
    appends: int | None
    seconds: float


@contextmanager
def account(*options: str) -> Iterator[dict[str, str]]:
    """What a command needs of the environment to reach a new sandbox."""
    process = subprocess.Popen([*COMMAND, "-q", "sandbox", "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().split()[1] for _ in range(2)]
        yield {**os.environ, **GIT, **dict(line.split("=", 1) for line in lines)}
    finally:
        process.terminate()
        process.wait()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env={**os.environ, **GIT}, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def project(root: Path, store: str, count: int, environ: dict[str, str]) -> Path:
    folder = root / "project"
    (folder / "campaigns").mkdir(parents=True)
    (folder / "msgflash.yaml").write_text("project: crm\n")
    for number in range(count):
        (folder / f"campaigns/c{number}.yaml").write_text(DEFINITION.format(number=number))
    git(root, "init", "--quiet", "--bare", "-b", "main", "remote.git")
    git(folder, "init", "--quiet", "-b", "main")
    git(folder, "remote", "add", "origin", str(root / "remote.git"))
    run(folder, environ, "ledger", "init", "--store", store)
    return folder


def run(folder: Path, environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def measure(store: str, count: int, *options: str) -> Cost:
    root = Path(tempfile.mkdtemp())
    try:
        with account(*options) as environ:
            folder = project(root, store, count, environ)
            plan = json.loads(run(folder, environ, "plan", "--format", "json"))
            began = time.perf_counter()
            applied = json.loads(run(folder, environ, "apply", "--auto-approve", "--format", "json"))
            seconds = time.perf_counter() - began
            again = json.loads(run(folder, environ, "plan", "--format", "json"))
            entries = len(run(folder, environ, "ledger", "export").splitlines())
            commits = git(root / "remote.git", "rev-list", "--count", "msgflash-ledger") if store == "git" else ""
        return Cost(
            plan["requests"],
            applied["requests"],
            again["requests"],
            entries,
            int(commits) if commits else None,
            seconds,
        )
    finally:
        shutil.rmtree(root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(f"{asked.campaigns} campaigns, median of {asked.rounds} rounds; requests of plan, apply, and plan again")
    for world, options in (("documented", ()), ("list", ("--list",))):
        pairs = [[measure(store, asked.campaigns, *options) for store in ("file", "git")] for _ in range(asked.rounds)]
        for place, store in enumerate(("file", "git")):
            cost = pairs[0][place]
            ratio = statistics.median(pair[place].seconds / pair[0].seconds for pair in pairs)
            seconds = statistics.median(pair[place].seconds for pair in pairs)
            appends = f"in {cost.appends} appends" if cost.appends else ""
            print(
                f"  {world:<10}  {store:<4}  requests {cost.plan:>4} {cost.apply:>4} {cost.plan_again:>4}   "
                f"entries {cost.entries:>4} {appends:<15}  apply {seconds:5.1f} s  {ratio:.2f}x"
            )


if __name__ == "__main__":
    main()
