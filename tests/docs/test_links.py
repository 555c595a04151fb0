"""Every relative link leads to a file of the project, and to a heading of it."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.architecture.sources import ROOT
from tests.docs.markdown import anchors, links, pages


def fault(path: Path, target: str) -> str | None:
    """What is wrong with a link, None where nothing is."""
    name, _, anchor = target.partition("#")
    file = (path.parent / unquote(name)).resolve() if name else path
    if not file.is_relative_to(ROOT):
        return "leads out of the project"
    if not file.exists():
        return "there is no such file"
    if anchor and (file.suffix != ".md" or anchor not in anchors(file.read_text(encoding="utf-8"))):
        return f"there is no heading #{anchor} there"
    return None


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    targets = [each for each in links(path.read_text(encoding="utf-8")) if not each.startswith(("https://", "mailto:"))]
    faults = {target: why for target in targets if (why := fault(path, target)) is not None}
    assert not faults


def test_the_rule_finds_what_it_is_for() -> None:
    readme = ROOT / "README.md"
    assert links("see [a](b.md), `[c](d.md)` and [e](f.md#g)") == ["b.md", "f.md#g"]
    assert anchors("# A `b` c!\n## A\n## A\n") == {"a-b-c", "a", "a-1"}
    assert fault(readme, "docs/nowhere.md") and fault(readme, "#nowhere") and fault(readme, "../elsewhere")
    assert fault(readme, "LICENSE") is None and fault(readme, "#commands") is None
