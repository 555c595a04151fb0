"""Where something stands in the user's files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

FieldPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column count from 1, `path` is relative to the project's folder."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Source:
    """One YAML document: where it begins, and where each of its fields stands."""

    path: str
    line: int = 1
    column: int = 1
    positions: Mapping[FieldPath, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)

    def at(self, *field_path: str | int) -> Position:
        """The position of a field's key (an item, for a list), or of the nearest field around it that the document has."""
        for end in range(len(field_path), 0, -1):
            found = self.positions.get(field_path[:end])
            if found is not None:
                return Position(self.path, *found)
        return Position(self.path, self.line, self.column)
