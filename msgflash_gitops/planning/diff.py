"""Which fields differ between the live campaign and the desired one. The only door to deepdiff."""

from collections.abc import Mapping
from typing import Any

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.instant import instant_or_none
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import Desired, FieldChange
from msgflash_gitops.planning.canonical import COMPARABLE
from msgflash_gitops.planning.marker import read_marker
from msgflash_gitops.planning.series import is_occurrence

_DIRECT_ONLY = ("type", "body", "mediaUrl", "title", "description", "footer", "buttons")


def differences(desired: Desired, live: LiveCampaign, *, with_name: bool = True) -> tuple[FieldChange, ...]:
    """What the account shows and what the definition says, where they differ; fields that the answer left out do not count."""
    before, after = _visible(desired, live)
    if with_name:
        before["name"], after["name"] = read_marker(live.name)[0].rstrip(), desired.name.rstrip()
    if before == after:
        return ()
    return tuple(_field_changes(before, after))


def _visible(desired: Desired, live: LiveCampaign) -> tuple[dict[str, Json], dict[str, Json]]:
    before: dict[str, Json] = {}
    after: dict[str, Json] = {}
    for name in COMPARABLE:
        if name not in live.fields or (name in _DIRECT_ONLY and "templateId" in desired.fields):
            continue
        shown, wanted = live.fields[name], desired.fields.get(name)
        if name == "schedule" and _same_series(desired, shown):
            shown = wanted
        if name == "variables" and "templateId" not in desired.fields:
            wanted = wanted or {}
        if not _equal(shown, wanted):
            before[name], after[name] = shown, wanted
    return before, after


def _equal(shown: Json, wanted: Json) -> bool:
    """Texts are the same when they differ in line ends and trailing white space only: a server may normalise those."""
    if isinstance(shown, str) and isinstance(wanted, str):
        return _normal(shown) == _normal(wanted)
    return shown == wanted


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()


def _same_series(desired: Desired, shown: Json) -> bool:
    instant = instant_or_none(shown)
    return desired.repeats and instant is not None and is_occurrence(instant, desired)


def _field_changes(before: JsonObject, after: JsonObject) -> list[FieldChange]:
    from deepdiff import DeepDiff  # noqa: PLC0415 - 150 ms to import; most plans have nothing to compare

    tree: Any = DeepDiff(dict(before), dict(after), view="tree")
    paths = {_field_path(level.path(output_format="list")) for kind in tree.values() for level in kind}
    ordered = sorted(paths, key=lambda path: (_rank(path[0]), path))
    return [FieldChange(".".join(path), _pick(before, path), _pick(after, path)) for path in ordered]


def _field_path(path: list[str | int]) -> tuple[str, ...]:
    """Up to the first list: people compare tags and buttons as a whole."""
    end = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
    return tuple(str(step) for step in path[:end])


def _rank(field: str) -> int:
    return COMPARABLE.index(field) + 1 if field in COMPARABLE else 0


def _pick(fields: Json, path: tuple[str, ...]) -> Json:
    for step in path:
        if not isinstance(fields, Mapping) or step not in fields:
            return None
        fields = fields[step]
    return fields
