"""How long `validate` takes beside the naive way: PyYAML's safe loader and jsonschema, document by document.

    python benchmarks/validate.py [--campaigns 2000] [--rounds 5]

Both read the same files from the same folder in the same process, in turns; the best round counts. The naive way says whether
a document fits the schema, and no more: no positions, no times, no rules across files, and `schedule` only where it is quoted
(YAML 1.1 makes a date of it). So every schedule here is quoted, and both must find all definitions valid.
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from msgflash_gitops.files.project import load_project
from msgflash_gitops.files.schemas import schema_text
from msgflash_gitops.workflows.validate import validate

TEXT = """\
name: Campaign {number}
instance: boutique-principale
schedule: "{schedule}"
recipients: {{type: tags, value: [client, group-{group}]}}
type: text
body: |
  Hello! This is offer {number}.
  *20 % off* everything until Sunday.
"""
TEMPLATE = """\
name: Campaign {number}
instance: boutique-lyon
schedule: "{schedule}"
repeat: weekly
recipients: {{type: group, group: VIP Paris}}
template: Spring promo
variables:
  code: CODE{number}
  discount: 20 %
"""
BUTTONS = """\
name: Campaign {number}
instance: boutique-principale
schedule: "{schedule}"
recipients: {{type: all}}
type: buttons
title: Question {number}
description: Shall we stay open until 9 PM?
buttons:
  - {{type: reply, displayText: "Yes", id: "yes"}}
  - {{type: reply, displayText: "No", id: "no"}}
"""
FORMS = (TEXT, TEXT, TEMPLATE, BUTTONS)


def write_project(root: Path, campaigns: int) -> None:
    """One definition per file, fifty files per folder."""
    (root / "msgflash.yaml").write_text("project: bench\ntimezone: Europe/Paris\n")
    first = datetime.fromisoformat("2031-01-01T09:00:00")
    for number in range(campaigns):
        folder = root / "campaigns" / f"batch-{number // 50:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        schedule = (first + timedelta(minutes=number)).isoformat()
        text = FORMS[number % len(FORMS)].format(number=number, schedule=schedule, group=number % 7)
        (folder / f"campaign-{number:05d}.yaml").write_text(text)


def ours(root: Path) -> int:
    """How many definitions were read; all must be valid."""
    result = validate(load_project(root))
    assert result.ok, result.findings[:3]
    return result.campaigns


def naive(root: Path, loader: Any) -> int:
    validator = jsonschema.Draft7Validator(json.loads(schema_text("campaign")))
    count = 0
    for path in sorted((root / "campaigns").rglob("*.yaml")):
        for document in yaml.load_all(path.read_bytes(), Loader=loader):
            errors = list(validator.iter_errors(document))
            assert not errors, errors[0]
            count += 1
    return count


def seconds(task: Callable[[], int], expected: int) -> float:
    began = time.perf_counter()
    found = task()
    ended = time.perf_counter()
    assert found == expected, (found, expected)
    return ended - began


def main() -> None:
    parser = argparse.ArgumentParser(description="validate beside PyYAML and jsonschema")
    parser.add_argument("--campaigns", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, options.campaigns)
        tasks: dict[str, Callable[[], int]] = {
            "msgflash-gitops validate": lambda: ours(root),
            "SafeLoader + jsonschema": lambda: naive(root, yaml.SafeLoader),
        }
        if hasattr(yaml, "CSafeLoader"):
            tasks["CSafeLoader + jsonschema"] = lambda: naive(root, yaml.CSafeLoader)
        best = dict.fromkeys(tasks, float("inf"))
        for _ in range(options.rounds):
            for name, task in tasks.items():
                best[name] = min(best[name], seconds(task, options.campaigns))
    report(options.campaigns, best)


def report(campaigns: int, best: dict[str, float]) -> None:
    python = f"Python {platform.python_version()}, PyYAML {yaml.__version__}, {platform.machine()}"
    print(f"{campaigns} definitions, best of the rounds, {python}")
    mine, *_ = best.values()
    for name, took in best.items():
        print(f"  {name:26} {took:7.2f} s   {took / campaigns * 1000:6.2f} ms each   {mine / took:5.2f}x")
    print("The last column: our time as a multiple of that one's; below 1 we are faster.")


if __name__ == "__main__":
    main()
