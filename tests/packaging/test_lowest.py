"""Every dependency that users install has a lowest version, and the constraints name it."""

import tomllib
from pathlib import Path
from typing import Any

from tests.packaging.lowest import lowest

ROOT = Path(__file__).parents[2]


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def test_every_dependency_has_a_lowest_version() -> None:
    made = set(lowest(project()))
    extras = project()["optional-dependencies"]
    wanted = [*project()["dependencies"], *(each for name, group in extras.items() if name != "dev" for each in group)]
    assert {each.split(">=")[0].split("[")[0] for each in wanted} <= {each.split("==")[0] for each in made}
    assert len(made) == sum(">=" in each for group in (project()["dependencies"], *extras.values()) for each in group)


def test_extras_of_a_requirement_are_left_out() -> None:
    bounds = {"dependencies": ["a[x,y]>=1.2.3", "b>=2", "c"], "optional-dependencies": {"d": ["e>=0.1"]}}
    assert list(lowest(bounds)) == ["a==1.2.3", "b==2", "e==0.1"]
