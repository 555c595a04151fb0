"""Labels to ids: the exact name first, then a unique match that ignores upper and lower case, with a warning."""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.finding import Finding, Severity, finding_at
from msgflash_gitops.model.source import Position

Named = TypeVar("Named", Instance, Template, Group)


@dataclass(frozen=True, slots=True)
class Use:
    """Where a definition writes a label."""

    label: str
    position: Position
    key: str


class Labels(Generic[Named]):
    """The instances, templates or groups of an account by label; `noun` is the word in messages and in rule ids."""

    def __init__(self, noun: str, items: Iterable[Named], describe: Callable[[Named], str]) -> None:
        self._noun = noun
        self._title = {"group": "contact group"}.get(noun, noun)
        self._describe: Callable[[Named], str] = describe
        self._by_id: dict[str, Named] = {}
        self._exact: dict[str, list[Named]] = defaultdict(list)
        self._folded: dict[str, list[Named]] = defaultdict(list)
        for item in items:
            self._by_id[item.id.lower()] = item
            self._exact[item.name].append(item)
            self._folded[item.name.strip().casefold()].append(item)

    def find(self, use: Use) -> tuple[Named | None, Finding | None]:
        """What bears the label. A finding is an error where nothing is returned beside it, a warning otherwise."""
        exact = self._exact.get(use.label, [])
        if len(exact) == 1:
            return exact[0], None
        if len(exact) > 1:
            return None, self._ambiguous(use, exact)
        folded = self._folded.get(use.label.strip().casefold(), [])
        if len(folded) == 1:
            return folded[0], self._finding(
                use,
                "case",
                f"{self._title} {use.label!r} is written {folded[0].name!r} in MsgFlash",
                severity=Severity.WARNING,
                hint=f"write {folded[0].name!r}",
            )
        if len(folded) > 1:
            return None, self._ambiguous(use, folded)
        return None, self._unknown(use)

    def find_id(self, use: Use) -> tuple[Named | None, Finding | None]:
        """The same for an id written in the definition."""
        item = self._by_id.get(use.label.lower())
        return (item, None) if item is not None else (None, self._unknown(use))

    def _ambiguous(self, use: Use, items: list[Named]) -> Finding:
        which = ", ".join(sorted(self._describe(item) for item in items))
        return self._finding(
            use,
            "ambiguous",
            f"{len(items)} {self._title}s bear the label {use.label!r}: {which}",
            hint="give them different names in MsgFlash"
            + ("" if self._noun == "instance" else f", or use {self._noun}Id"),
        )

    def _unknown(self, use: Use) -> Finding:
        names = sorted(self._exact)
        near = difflib.get_close_matches(use.label, names, n=3, cutoff=0.5)
        if near:
            hint = "did you mean " + " or ".join(repr(name) for name in near) + "?"
        elif names:
            shown = ", ".join(repr(name) for name in names[:8])
            hint = f"the account has {shown}" + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        else:
            hint = f"the account has no {self._title}: create one in the MsgFlash dashboard"
        return self._finding(use, "unknown", f"no {self._title} {use.label!r} in this account", hint=hint)

    def _finding(
        self, use: Use, fault: str, message: str, *, hint: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        return finding_at(use.position, f"{self._noun}-{fault}", message, severity=severity, hint=hint, key=use.key)
