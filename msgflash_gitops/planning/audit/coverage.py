"""What an audit could see of the account, and the sentences that say what may be there all the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgflash_gitops.model.audit import Coverage
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.memory import DELETED, Memory
from msgflash_gitops.model.message import Searched
from msgflash_gitops.model.plan import World
from msgflash_gitops.planning.words import moment_words


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read. `memory`: what the ledger says, its doubts settled as far as they are. `searched`: None where no messages were read."""

    world: World
    live: Sequence[LiveCampaign]
    memory: Memory
    asked: frozenset[str]
    searched: Searched | None = None


def coverage_of(sight: Sight, untimed: Sequence[LiveCampaign]) -> Coverage:
    """`untimed`: campaigns of which no time can be told, so that they are in no window."""
    listed = [each for each in sight.live if each.seen_at is None and each.status != DELETED]
    return Coverage(
        world=sight.world,
        remembered=len(sight.memory.campaigns),
        listed=len(listed) if sight.world is World.LIST else None,
        read=len(sight.asked),
        messages_read=sight.searched.messages if sight.searched else 0,
        blind_spots=(*_of_the_world(sight), *_in_doubt(sight), *_not_shown(sight, untimed)),
    )


def _of_the_world(sight: Sight) -> Iterator[str]:
    if sight.world is World.LIST:
        yield "campaigns made in the dashboard and deleted there are not in the list, and cannot be seen"
        return
    yield "campaigns made in the dashboard that have not started cannot be seen: the API has no list of campaigns"
    if sight.searched is None:
        yield "campaigns made in the dashboard that have started are not looked for: --read-messages finds them"
    else:
        yield from _among_messages(sight.searched)


def _among_messages(searched: Searched) -> Iterator[str]:
    since = ", ".join(f"{moment_words(at, 'UTC')} on {label}" for label, at in searched.since.items())
    yield (
        f"campaigns made in the dashboard are found only by the messages that were read, which go back to {since}: what sent earlier is not found"
        if since
        else "campaigns made in the dashboard are found by their messages, and no message was there to read"
    )
    gone = [each.id for each in searched.campaigns if each.status == DELETED]
    if gone:
        yield f"{_campaigns(len(gone))} sent messages and {'was' if len(gone) == 1 else 'were'} deleted since: only that is known of {', '.join(gone)}"
    if searched.left:
        yield f"{searched.left} more campaigns that messages name were not read: {len(searched.asked)} are read at most"


def _in_doubt(sight: Sight) -> Iterator[str]:
    """A list settles every doubt."""
    keys = sorted({each.key for each in sight.memory.doubts})
    if not keys or sight.world is World.LIST:
        return
    what = "1 create is" if len(keys) == 1 else f"{len(keys)} creates are"
    yield (
        f"{what} in doubt, nobody knows whether there is a campaign: {', '.join(keys)}; `msgflash-gitops link KEY ID` says which one it "
        "is, `link KEY --none` that there is none"
    )


def _not_shown(sight: Sight, untimed: Sequence[LiveCampaign]) -> Iterator[str]:
    keys = {each.id: each.key for each in sight.memory.campaigns.values()}
    deleted = [f"{keys[each.id]} ({each.id})" for each in untimed if each.status == DELETED and each.id in keys]
    odd = [each.id for each in untimed if each.status != DELETED]
    if deleted:
        yield (
            f"{_campaigns(len(deleted))} that the ledger remembers cannot be shown: deleted in the dashboard, and not known for when: "
            f"{', '.join(deleted)}"
        )
    if odd:
        yield f"{_campaigns(len(odd))} cannot be shown, because the API shows no time at which {'it starts' if len(odd) == 1 else 'they start'}: {', '.join(odd)}"


def _campaigns(count: int) -> str:
    return f"{count} campaign{'' if count == 1 else 's'}"
