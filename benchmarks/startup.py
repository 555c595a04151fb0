"""How long a command takes before it does anything, beside an interpreter that imports click and nothing else.

    python benchmarks/startup.py [--rounds 15]

Each round starts every command once, in turns; the median counts. `validate` runs on a project of one definition.
"""

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CAMPAIGN = """\
name: Spring
instance: boutique-principale
schedule: 2031-04-15T09:00:00
recipients: {type: all}
type: text
body: Hello
"""


def commands(root: Path) -> dict[str, list[str]]:
    module = [sys.executable, "-m", "msgflash_gitops"]
    return {
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "msgflash-gitops --help": [*module, "--help"],
        "msgflash-gitops validate --help": [*module, "validate", "--help"],
        "msgflash-gitops validate": [*module, "-C", str(root), "validate"],
        "msgflash-gitops --sandbox plan": [*module, "-C", str(root), "--sandbox", "plan"],
    }


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="start-up beside `import click`")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "msgflash.yaml").write_text("project: bench\ntimezone: Europe/Paris\n")
        (root / "campaigns").mkdir()
        (root / "campaigns" / "spring.yaml").write_text(CAMPAIGN)
        tasks = commands(root)
        took: dict[str, list[float]] = {name: [] for name in tasks}
        for _ in range(options.rounds + 1):
            for name, command in tasks.items():
                took[name].append(seconds(command))
    medians = {name: statistics.median(each[1:]) for name, each in took.items()}
    print(f"median of {options.rounds} rounds, Python {platform.python_version()}, {platform.machine()}")
    base, *_ = medians.values()
    for name, median in medians.items():
        print(f"  {name:34} {median * 1000:6.0f} ms   {median / base:5.2f}x")


if __name__ == "__main__":
    main()
