"""A person who looks in the dashboard for what creates in doubt left behind, and says the truth."""

from datetime import timedelta
from typing import Any

from msgflash_gitops.planning.marker import read_marker
from tests.simulation.invariants import Create, is_known
from tests.simulation.world import World

# Longer than any request is on its way: who looks after that sees what it left behind.
_LANDED = timedelta(seconds=61)


def settle_one(world: World, position: int = 0) -> bool:
    """Whether there was one in doubt."""
    doubts = world.watch.doubts()
    if not doubts:
        return False
    world.pass_time(_LANDED)
    doubt = doubts[position % len(doubts)]
    left = [each for each in world.owned() if _is_left_by(doubt, each, world)]
    if not left:
        world.link(doubt.key, None, doubt.digest)
    for campaign in left:
        world.link(doubt.key, campaign["id"], doubt.digest)
    return True


def settle_all(world: World) -> None:
    while settle_one(world):
        pass


def _is_left_by(doubt: Create, campaign: dict[str, Any], world: World) -> bool:
    marker = read_marker(campaign["name"])[1]
    assert marker is not None
    named = (marker.key, marker.digest) == (doubt.key, doubt.digest)
    return named and not is_known(world.entries(), campaign["id"], ())
