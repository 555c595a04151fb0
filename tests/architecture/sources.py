"""The project's files, as the rules look at them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "msgflash_gitops"
_PASSED_OVER = {"__pycache__", "node_modules", "dist", "build"}
_HIDDEN_BUT_OURS = {".ci", ".github", ".gitignore"}


@dataclass(frozen=True)
class Module:
    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def at(self, node: ast.expr | ast.stmt) -> str:
        return f"{self.name}:{node.lineno}"


@cache
def modules(folder: str = "msgflash_gitops") -> tuple[Module, ...]:
    """Every module below a folder of the project, sorted by path."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path, text, ast.parse(text)))
    return tuple(found)


def files() -> Iterator[Path]:
    """Every file of the project that people wrote: no environment, caches or built things."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in _HIDDEN_BUT_OURS
            if hidden or path.name in _PASSED_OVER or path.name.endswith(".egg-info"):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an expression that is only names and dots; empty otherwise."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""
