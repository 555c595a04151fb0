"""`instances`, `templates`, `groups`: the labels that definitions may use."""

from collections.abc import Sequence

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.labels import LabelTable
from msgflash_gitops.ports import CampaignApi


async def read_labels(api: CampaignApi, noun: str) -> LabelTable:
    """What the account has of `instance`, `template` or `group`."""
    if noun == "instance":
        rows = [(each.name, each.id, each.number, each.status) for each in await api.list_instances()]
        return _table(noun, ("label", "id", "number", "status"), rows)
    if noun == "template":
        templates = await api.list_templates()
        found = [(each.name, each.id, each.type, list(each.variables), each.body) for each in templates]
        return _table(noun, ("label", "id", "type", "variables", "body"), found)
    groups = [(each.name, each.id, each.contact_count) for each in await api.list_groups()]
    return _table(noun, ("label", "id", "contacts"), groups)


def _table(noun: str, columns: tuple[str, ...], rows: Sequence[tuple[Json, ...]]) -> LabelTable:
    return LabelTable(noun, columns, tuple(sorted(rows, key=lambda row: (str(row[0]).casefold(), str(row[1])))))
