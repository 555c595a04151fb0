"""A user's repository in a temporary folder, and the command run in it as a user would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PROJECT_FILE = "project: crm\ntimezone: Europe/Paris\nvendor: {settle: 1s}\n"


def soon(**span: float) -> str:
    """A schedule that far from now, with its offset."""
    return (datetime.now(UTC) + timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def campaign(name: str = "Spring", *, body: str = "Hello", schedule: str | None = None, more: str = "") -> str:
    """A direct text campaign as YAML; `more` holds further lines."""
    return (
        f"name: {name}\ninstance: boutique-principale\nschedule: {schedule or '2031-04-15T09:00:00'}\n"
        f"recipients: {{type: tags, value: [client]}}\ntype: text\nbody: {body}\n{more}"
    )


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Repository:
    """`env` is all that the command sees of the environment, besides PATH."""

    root: Path
    env: dict[str, str]

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def campaign(self, key: str = "spring", **values: Any) -> None:
        self.write(f"campaigns/{key}.yaml", campaign(**values))

    def remove(self, key: str) -> None:
        (self.root / f"campaigns/{key}.yaml").unlink()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "msgflash_gitops", *arguments]

    def run(self, *arguments: str, timeout: float = 60) -> Ended:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str]:
        """With this copy of the package: what PYTHONPATH puts first for the tests, the command imports too."""
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return {**inherited, "PYTHONUTF8": "1", **self.env}

    def apply(self, *arguments: str) -> Ended:
        return self.run("apply", "--auto-approve", *arguments)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan as JSON."""
        done = self.run("plan", "--format", "json", *arguments)
        assert done.code == 0, done
        plan: dict[str, Any] = done.json
        return plan

    def actions(self, *arguments: str) -> dict[str, str]:
        """Key to action of the plan."""
        return {change["key"]: change["action"] for change in self.plan(*arguments)["changes"]}
