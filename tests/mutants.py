"""Seeded faults: does the folder of tests that mirrors a room notice when the room's code is changed?

python tests/mutants.py --room executor --sample 40 --seed 1

mutmut makes the mutants and runs the tests, in a copy below .mutants/; this only chooses the sample and says where each
survivor is. Exit code 1: there are survivors, which are equivalent, or holes in the tests.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "msgflash_gitops"
NEEDED = (PACKAGE, "tests", "schemas", "campaigns.example", "pyproject.toml")
_WHEEL = tuple("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
CONFIGURATION = """
[tool.mutmut]
source_paths = ["{package}"]
only_mutate = ["{package}/{room}/*"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "--hypothesis-seed=0"]
pytest_add_cli_args_test_selection = ["tests/{room}"]
also_copy = ["tests", "schemas", "campaigns.example", "pyproject.toml"]
"""


def main() -> int:
    asked = argparse.ArgumentParser(description="Run the tests of a room against a sample of its mutants.")
    asked.add_argument("--room", default="executor", help=f"a folder of {PACKAGE} that tests/ mirrors")
    asked.add_argument("--sample", type=int, default=40, help="how many mutants; 0 for all of them")
    asked.add_argument("--seed", type=int, default=1)
    wanted = asked.parse_args()
    place = _copy(wanted.room)
    # A name that fits nothing: the mutants are made and the tests are timed, and nothing is run against them yet.
    made = _mutmut(place, "run", "none of them")
    names = sorted(_outcomes(place))
    if not names:
        sys.stderr.write(f"{made}\nno mutants were made\n")
        return 2
    if wanted.sample:
        names = random.Random(wanted.seed).sample(names, min(wanted.sample, len(names)))
    ran = _mutmut(place, "run", *names)
    outcomes = {name: code for name, code in _outcomes(place).items() if name in set(names)}
    if any(code is None for code in outcomes.values()):
        sys.stderr.write(f"{ran}\nnot every mutant was tried\n")
        return 2
    survivors = [name for name, code in sorted(outcomes.items()) if code in (0, 5, 33)]  # passed, or no test at all
    for name in survivors:
        sys.stdout.write(_described(place, name))
    sys.stdout.write(
        f"{len(names) - len(survivors)} of {len(names)} mutants of {wanted.room} killed (seed {wanted.seed})\n"
    )
    return 1 if survivors else 0


def _copy(room: str) -> Path:
    place = ROOT / ".mutants" / room
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy(ROOT / name, place / name)
    with (place / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(package=PACKAGE, room=room))
    return place


def _mutmut(place: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    ended = subprocess.run(command, cwd=place, env=os.environ, capture_output=True, text=True, check=False)
    # Without the wheel that turns while it works.
    return "\n".join(line for line in (ended.stdout + ended.stderr).splitlines() if line[:1] not in _WHEEL)


def _outcomes(place: Path) -> dict[str, int | None]:
    """pytest's exit code for each mutant; None for one that was not tried."""
    found: dict[str, int | None] = {}
    for path in (place / "mutants").rglob("*.py.meta"):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def _described(place: Path, name: str) -> str:
    """`file:line`, and the lines before and after."""
    shown = _mutmut(place, "show", name)
    file = name.rpartition(".")[0].replace(".", "/") + ".py"
    first = _first_line(place / file, name)
    lines = shown.partition("@@ -")[2].splitlines()
    start = int(re.match(r"\d+", lines[0])[0]) if lines and re.match(r"\d+", lines[0]) else 1  # type: ignore[index]
    changed = [(offset, line) for offset, line in enumerate(_kept(lines[1:])) if line[:1] == "-"]
    at = first + start - 1 + (changed[0][0] if changed else 0)
    change = "\n".join(f"    {line}" for line in lines[1:] if line[:1] in "+-")
    return f"{file}:{at} ({name.rpartition('.')[2]})\n{change}\n"


def _kept(lines: list[str]) -> Iterator[str]:
    """Those that the file had before the change."""
    return (line for line in lines if line[:1] != "+")


def _first_line(path: Path, name: str) -> int:
    """Where the function of the mutant begins: `x_function__mutmut_3`, `xǁClassǁmethod__mutmut_3`."""
    plain = re.sub(r"__mutmut_\d+$", "", name.rpartition(".")[2])
    *owner, function = plain.removeprefix("xǁ").split("ǁ") if "ǁ" in plain else [plain.removeprefix("x_")]
    tree: ast.AST = ast.parse(path.read_text(encoding="utf-8"))
    for each in owner:
        tree = next((node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == each), tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function:
            return min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return 1


if __name__ == "__main__":
    sys.exit(main())
