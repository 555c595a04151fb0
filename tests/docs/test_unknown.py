"""docs/what-we-do-not-know.md names every assumption, and every place it names exists."""

import ast
import re

from msgflash_gitops.msgflash import assumptions
from tests.architecture.sources import PACKAGE, ROOT, modules
from tests.docs.markdown import page, prose

PAGE = page("docs/what-we-do-not-know.md")
TOPICS = re.split(r"^### ", prose(PAGE), flags=re.MULTILINE)[1:]


def names() -> set[str]:
    return {name for name in vars(assumptions) if name.isupper()}


def test_every_assumption_is_explained() -> None:
    assert names()
    missing = {name for name in names() if f"`{name}`" not in PAGE}
    assert not missing, f"not in docs/what-we-do-not-know.md: {missing}"


def test_every_assumption_is_used() -> None:
    """One that nothing reads any more is no assumption."""
    used = set()
    for module in modules():
        if module.path.name != "assumptions.py":
            used |= {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    assert names() <= used


def test_names_and_files_of_the_page_exist() -> None:
    elsewhere = "\n".join(module.text for module in modules())
    for name in set(re.findall(r"`([A-Z][A-Z_]{3,})`", PAGE)):
        assert re.search(rf"^{name} = |^{name}: ", elsewhere, re.MULTILINE), name
    for path in set(re.findall(r"`([\w/.]+\.(?:py|json))`", PAGE)):
        assert (PACKAGE / path).is_file() or (ROOT / path).is_file(), path


def test_every_topic_says_what_is_documented_and_what_is_assumed() -> None:
    assert len(TOPICS) > 20
    for topic in TOPICS:
        title = topic.partition("\n")[0]
        assert "- **Documented:**" in topic, title
        assert "- **Assumed:**" in topic, title
        assert "- **If wrong:**" in topic, title
