"""Counting contacts, for reviewers. A count that cannot be had keeps nothing from being planned or applied: it is only shown."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from msgflash_gitops.errors import ApiError
from msgflash_gitops.model.definition import Audience
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import Change
from msgflash_gitops.planning.audience import Contacts, Size, counted_sends, grown
from msgflash_gitops.ports import CampaignApi

CONTACTS_PER_REQUEST = 100
# Told how many contacts there are (None: not known) before all of them are read.
Scanning = Callable[[int | None], None]


@dataclass(frozen=True, slots=True)
class Counted:
    """`notices` say what could not be counted, and why."""

    contacts: Contacts = field(default_factory=Contacts)
    notices: tuple[str, ...] = ()


async def count_contacts(api: CampaignApi, recipients: Iterable[JsonObject], scanning: Scanning | None) -> Counted:
    """What these audiences need: one request for `all`; every contact for `tags`, and that only with `scanning`."""
    kinds = {each.get("type") for each in recipients}
    scan = scanning if Audience.TAGS in kinds else None
    if scan is None and Audience.ALL not in kinds:
        return Counted()
    total: int | None = None
    try:
        total = await api.count_contacts()
        if scan is None:
            return Counted(Contacts(total))
        scan(total)
        tagged = Counter(await api.list_contact_tags())
    except ApiError as error:
        return Counted(Contacts(total), (f"how many contacts there are could not be counted: {error.message}",))
    return Counted(Contacts(tagged.total(), tagged))


async def find_growth(api: CampaignApi, changes: Collection[Change], scanning: Scanning | None) -> tuple[str, ...]:
    """Of a plan that was reviewed: what reaches over a tenth more people now, and what could not be counted again."""
    audiences = counted_sends(changes)
    kinds = {each.get("type") for each in audiences.values()}
    counted = await count_contacts(api, audiences.values(), scanning)
    lines = [*counted.notices]
    if Audience.TAGS in kinds and scanning is None:
        lines.append("audiences by tag were counted for the plan, and not again: --count-tags does")
    try:
        groups = await _group_sizes(api) if Audience.GROUP in kinds else {}
    except ApiError as error:
        groups = {}
        lines.append(f"contact groups could not be counted again: {error.message}")
    return (*grown(audiences, _size(counted.contacts, groups)), *lines)


async def _group_sizes(api: CampaignApi) -> dict[str, int | None]:
    return {group.id: group.contact_count for group in await api.list_groups()}


def _size(contacts: Contacts, groups: dict[str, int | None]) -> Size:
    def size(recipients: JsonObject) -> int | None:
        if recipients.get("type") == Audience.GROUP:
            return groups.get(str(recipients.get("groupId")))
        return contacts.size(recipients)

    return size
