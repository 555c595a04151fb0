"""What people install is whole: it runs in a folder that has never seen the checkout."""

import shutil
import sys
import tomllib
import zipfile
from collections.abc import Callable
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

from msgflash_gitops import __version__
from tests.packaging.conftest import ROOT, run
from tests.support.project import PROJECT_FILE, Ended, campaign

Command = Callable[..., Ended]
SCHEMAS = sorted(ROOT.glob("schemas/*.schema.json"))


def entries(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as packed:
        return packed.namelist()


def test_the_schemas_are_inside_as_published(wheel: Path) -> None:
    assert len(SCHEMAS) >= 5
    with zipfile.ZipFile(wheel) as packed:
        for schema in SCHEMAS:
            assert packed.read(f"msgflash_gitops/schemas/{schema.name}") == schema.read_bytes()


def test_every_module_is_inside_and_nothing_else(wheel: Path) -> None:
    inside = {name for name in entries(wheel) if ".dist-info/" not in name}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "msgflash_gitops").rglob("*.py")}
    templates = {str(path.relative_to(ROOT)) for path in (ROOT / "msgflash_gitops").rglob("templates/*")}
    schemas = {f"msgflash_gitops/schemas/{schema.name}" for schema in SCHEMAS}
    assert inside == modules | templates | schemas | {"msgflash_gitops/py.typed"}


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (each for each in packed.namelist() if each.endswith(".dist-info/METADATA"))
        return Parser().parsestr(packed.read(name).decode())


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def normal(requirement: str) -> str:
    return requirement.lower().replace("_", "-").replace(" ", "")


def test_the_metadata_says_what_the_project_says(wheel: Path, metadata: Message, project: dict[str, Any]) -> None:
    assert metadata["Name"] == project["name"]
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == project["requires-python"]
    needed = {normal(each) for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each}
    assert needed == {normal(each) for each in project["dependencies"]}
    assert f"msgflash_gitops-{__version__}.dist-info/licenses/LICENSE" in entries(wheel)
    assert metadata.get_payload()


def test_it_runs_from_where_it_was_installed(built: Path, tmp_path: Path) -> None:
    """Not from the checkout, which the tests' own environment knows."""
    code = "import msgflash_gitops as it; print(it.__file__)"
    found = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(built / "installed"))
    assert Path(found.out.strip()).is_relative_to(built)
    assert not (built / "schemas").exists()


def test_the_version(installed: Command) -> None:
    assert installed("--version").out.split()[-1] == __version__


def test_the_command_is_installed(built: Path, tmp_path: Path) -> None:
    script = built / "installed" / "bin" / "msgflash-gitops"
    ended = run(str(script), "schema", "plan", cwd=tmp_path, PYTHONPATH=str(built / "installed"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (ROOT / "schemas/plan.schema.json").read_text()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_each_schema_is_printed(installed: Command, schema: Path) -> None:
    ended = installed("schema", schema.name.removesuffix(".schema.json"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == schema.read_text()


def test_a_plan_and_an_apply_over_the_embedded_sandbox(installed: Command, tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "msgflash.yaml").write_text(PROJECT_FILE)
    (tmp_path / "campaigns/spring.yaml").write_text(campaign())
    assert installed("validate").code == 0
    planned = installed("--sandbox", "plan")
    assert (planned.code, planned.err) == (0, "")
    assert "1 to create" in planned.out
    assert installed("--sandbox", "apply", "--auto-approve").code == 0
    assert installed("--sandbox", "plan", "--detailed-exitcode").code == 0


def test_the_example_repository_is_planned(installed: Command, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "campaigns.example", tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".msgflash")
    )
    assert installed("validate").code == 0
    planned = installed("--sandbox", "plan", "--format", "json")
    assert planned.code == 0, planned
    assert planned.json["summary"]["create"] > 0


def test_it_runs_straight_out_of_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """A wheel is a zip file that Python can import: nothing asks for a folder of its own."""
    ended = run(sys.executable, "-m", "msgflash_gitops", "schema", "campaign", cwd=tmp_path, PYTHONPATH=str(wheel))
    assert (ended.code, ended.out) == (0, (ROOT / "schemas/campaign.schema.json").read_text())
