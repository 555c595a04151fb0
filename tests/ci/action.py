"""Runs action.yml as a GitHub runner does: expressions in `if:` and `env:`, files for outputs and summary, bash for the scripts."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.sources import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]
EXECUTABLE = str(Path(sys.executable).parent / "msgflash-gitops")
# A runner waits 7.5 s: what is in flight in the tests takes longer than this.
_BETWEEN_SIGNALS = 0.3
_EXPRESSION = re.compile(r"\$\{\{ *([^}]+?) *\}\}")


@dataclass
class Ran:
    """`code`: that of the first step that failed."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    def output(self, name: str) -> str:
        """What the action hands out under that name."""
        return resolve(ACTION["outputs"][name]["value"], {}, self.outputs)


@dataclass
class Runner:
    """`workspace` is the checkout; `env` is what the workflow sets, besides PATH and the runner's own. `interrupt`: when to cancel,
    as a runner does it: SIGINT, then SIGTERM, to the shell alone.
    """

    workspace: Path
    temp: Path
    env: dict[str, str]
    event: Mapping[str, Any] = field(default_factory=dict)
    interrupt: Callable[[], bool] | None = None

    def run(self, mode: str, **inputs: str) -> Ran:
        ran = Ran()
        given = {name.replace("_", "-"): value for name, value in {"executable": EXECUTABLE, **inputs}.items()}
        values = (
            {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | given | {"mode": mode}
        )
        assert set(values) == set(ACTION["inputs"]), "an input that the action does not have"
        values = {name: resolve(value, {}, {}) for name, value in values.items()}
        self.temp.mkdir(exist_ok=True)
        for step in ACTION["runs"]["steps"]:
            if wanted(step.get("if", "success()"), values, failed=ran.code != 0):
                self._step(step, values, ran)
        return ran

    def _step(self, step: Mapping[str, Any], values: Mapping[str, str], ran: Ran) -> None:
        files = {name: self.temp / f"{step['name']}-{name}" for name in ("output", "summary", "event")}
        for file in files.values():
            file.write_text("")
        files["event"].write_text(json.dumps(self.event))
        script = self.temp / f"{step['name']}.sh"
        script.write_text(step["run"])
        env = {name: resolve(str(value), values, ran.outputs) for name, value in step.get("env", {}).items()}
        code, log = self._bash(script, {**self._own(files), **env})
        ran.log += log
        ran.summary += files["summary"].read_text()
        ran.steps.append(step["name"])
        lines = (line.split("=", 1) for line in files["output"].read_text().splitlines())
        ran.outputs[step.get("id", step["name"])] = dict(lines)
        ran.code = ran.code or code

    def _own(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Variables of the runner, and of the workflow."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONUTF8": "1",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": "http://127.0.0.1:9",
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_REPOSITORY": "shop/campaigns",
            "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **self.env,
        }

    def _bash(self, script: Path, env: dict[str, str]) -> tuple[int, str]:
        process = subprocess.Popen(
            [*BASH, str(script)],
            cwd=self.workspace,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while self.interrupt is not None and process.poll() is None:
            if self.interrupt():
                process.send_signal(signal.SIGINT)
                time.sleep(_BETWEEN_SIGNALS)
                process.send_signal(signal.SIGTERM)
                break
            time.sleep(0.02)
        log, _ = process.communicate(timeout=100)
        return process.returncode, log


def resolve(text: str, inputs: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]) -> str:
    """The expressions that action.yml uses; any other is an error."""

    def one(expression: str) -> str:
        if expression == "github.token":
            return "ghs_token"
        if expression.startswith("inputs."):
            return inputs[expression.removeprefix("inputs.")]
        found = re.fullmatch(r"steps\.([\w-]+)\.outputs\.([\w-]+)", expression)
        assert found, f"the tests do not know ${{{{ {expression} }}}}"
        return outputs.get(found[1], {}).get(found[2], "")

    def either(found: re.Match[str]) -> str:
        return next((value for part in found[1].split("||") if (value := one(part.strip()))), "")

    return _EXPRESSION.sub(either, text)


def wanted(condition: str, inputs: Mapping[str, str], *, failed: bool) -> bool:
    """Of `if:`: comparisons of inputs, and always()."""
    found = _EXPRESSION.fullmatch(condition)
    parts = [part.strip() for part in (found[1] if found else condition).split("&&")]
    if failed and "always()" not in parts:
        return False
    for part in parts:
        compared = re.fullmatch(r"inputs\.([\w-]+) == '([^']*)'", part)
        assert compared or part in ("always()", "success()"), part
        if compared and inputs[compared[1]] != compared[2]:
            return False
    return True
