"""The labels that an account offers."""

from dataclasses import dataclass

from msgflash_gitops.model.json_value import Json


@dataclass(frozen=True, slots=True)
class LabelTable:
    """`rows` in the order of `columns`; sorted by label."""

    noun: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
