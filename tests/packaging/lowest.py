"""Constraints for pip: the lowest version that pyproject.toml allows of each direct dependency.

python tests/packaging/lowest.py > constraints.txt
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?>=(?P<version>[0-9][0-9.]*)")


def lowest(project: dict[str, Any]) -> Iterator[str]:
    """`name==version` for each requirement with a lower bound; those without one (types of packages) are free."""
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    for requirement in (each for group in groups for each in group):
        found = _BOUND.fullmatch(requirement)
        if found is not None:
            yield f"{found['name']}=={found['version']}"


if __name__ == "__main__":
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in lowest(tomllib.loads(text)["project"])))
