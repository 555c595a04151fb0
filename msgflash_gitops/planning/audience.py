"""How many people a campaign reaches, as far as it is known; and which audiences grew since a plan was reviewed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from msgflash_gitops.model.definition import Audience
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import SENDING, Change, Desired

Size = Callable[[JsonObject], int | None]
_NOTABLE_GROWTH = 10  # per cent


@dataclass(frozen=True, slots=True)
class Contacts:
    """The account's contacts, counted. `total` None: not known. `tagged`: how many bear exactly these tags, None where nobody looked."""

    total: int | None = None
    tagged: Mapping[frozenset[str], int] | None = None

    def size(self, recipients: JsonObject) -> int | None:
        """The size of an audience; a contact with several of the tags counts once."""
        match recipients.get("type"):
            case Audience.ALL:
                return self.total
            case Audience.TAGS if self.tagged is not None:
                value = recipients.get("value")
                wanted = set(value) if isinstance(value, list | tuple) else set()
                return sum(count for tags, count in self.tagged.items() if tags & wanted)
            case _:
                return None


def audience_count(recipients: JsonObject) -> int | None:
    """The count that stands beside the recipients, where there is one."""
    count = recipients.get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def with_count(desired: Desired, size: Size) -> Desired:
    """The same campaign with the size of its audience, where it is known now and was not before. Its digest stays."""
    if audience_count(desired.recipients) is not None:
        return desired
    count = size(desired.recipients)
    return desired if count is None else replace(desired, recipients={**desired.recipients, "count": count})


def counted_sends(changes: Iterable[Change]) -> dict[str, JsonObject]:
    """By key, the audiences of what is going to be sent whose size stands in the plan."""
    return {
        change.key: change.desired.recipients
        for change in changes
        if change.action in SENDING
        and not change.held
        and change.desired is not None
        and audience_count(change.desired.recipients) is not None
    }


def grown(audiences: Mapping[str, JsonObject], size: Size) -> tuple[str, ...]:
    """One line for each audience that is over a tenth larger than it was."""
    lines = []
    for key, recipients in audiences.items():
        before, now = audience_count(recipients), size(recipients)
        if before is None or now is None or (now - before) * 100 <= before * _NOTABLE_GROWTH:
            continue
        share = f" (+{(now - before) * 100 // before} %)" if before else ""
        lines.append(f"{key}: its audience grew from {before} to {now} contacts{share} since the plan was made")
    return tuple(lines)
