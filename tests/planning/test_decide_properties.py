"""What holds for every state that an account can be in, row of the table or not."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.model.campaign import ACTIVE, KNOWN_STATUSES
from msgflash_gitops.model.definition import Repeat
from msgflash_gitops.model.memory import Memory
from msgflash_gitops.model.plan import PENDING, Action, Change, Desired
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.decide import Context, decide
from msgflash_gitops.planning.diff import differences
from msgflash_gitops.planning.facts import superseded
from msgflash_gitops.planning.match import Candidate
from tests.support.builders import NOW, desired, live

OTHER = "0123456789"
STATUSES = st.sampled_from([*sorted(KNOWN_STATUSES), "draft"])
STATS = st.sampled_from([{}, {"sent": 0, "queued": 0}, {"sent": 0, "queued": 9}, {"sent": 4, "queued": 5}])

wanted = st.builds(
    lambda minutes, repeat, paused, revision: desired(
        at=NOW + timedelta(minutes=minutes), repeat=repeat, paused=paused, revision=revision
    ),
    minutes=st.sampled_from([-60 * 24 * 9, -90, -1, 2, 5, 6, 600, 60 * 24 * 9]),
    repeat=st.sampled_from(list(Repeat)),
    paused=st.booleans(),
    revision=st.integers(1, 2),
)
contexts = st.builds(
    Context,
    now=st.just(NOW),
    policy=st.just(Policy()),
    resume_keeps_schedule=st.booleans(),
    memory=st.sampled_from([Memory(), Memory(interrupted=frozenset({"c0"}))]),
)


@st.composite
def states(draw: st.DrawFn) -> tuple[Desired, list[Candidate]]:
    one = draw(wanted)
    candidates = []
    for number in range(draw(st.integers(0, 4))):
        digest = draw(st.sampled_from([one.digest, OTHER, None]))
        made = NOW - timedelta(days=draw(st.integers(1, 3)))
        campaign = live(one, draw(STATUSES), campaign_id=f"c{number}", digest=digest, created=made, stats=draw(STATS))
        candidates.append(Candidate(campaign, digest))
    return one, candidates


@given(states(), contexts, st.randoms(use_true_random=False))
def test_the_order_of_the_list_decides_nothing(
    state: tuple[Desired, list[Candidate]], context: Context, dice: object
) -> None:
    one, candidates = state
    assert decide(one, candidates, context) == decide(one, list(reversed(candidates)), context)


@given(states(), contexts)
def test_there_is_always_a_reason_or_nothing_to_do(state: tuple[Desired, list[Candidate]], context: Context) -> None:
    changes = decide(*state, context)
    assert changes
    for change in changes:
        assert change.reason or change.action in (Action.CREATE, Action.UNCHANGED), change
        assert not (change.held and change.held_by is None)


@given(states(), contexts)
def test_afterwards_one_campaign_at_most_can_send(state: tuple[Desired, list[Candidate]], context: Context) -> None:
    one, candidates = state
    active = {each.live.id for each in candidates if each.status in ACTIVE}
    created = 0
    for change in decide(one, candidates, context):
        if change.action not in PENDING:
            continue
        active -= {change.current.id} if change.current else set()
        created += change.creates and not one.paused
        active |= (
            {change.current.id} if change.action is Action.RESUME and change.current and not change.recreate else set()
        )
    blocked_by_unknown = any(each.status == "draft" for each in candidates)
    assert len(active) + created <= 1 or blocked_by_unknown


@given(states(), contexts)
def test_what_was_sent_or_is_to_be_sent_is_never_created_again(
    state: tuple[Desired, list[Candidate]], context: Context
) -> None:
    one, candidates = state
    changes = decide(one, candidates, context)
    same = [each for each in candidates if each.digest == one.digest]
    if any(each.status in {"completed", "cancelled", "failed", "paused_quota", "paused_plan"} for each in same):
        assert not any(change.action is Action.CREATE for change in changes)
    if any(each.status == "completed" for each in same) and not one.repeats:  # a series goes on
        assert not any(change.creates for change in changes)


@given(states(), contexts)
def test_a_start_is_never_closer_than_min_lead(state: tuple[Desired, list[Candidate]], context: Context) -> None:
    for change in decide(*state, context):
        if change.creates:
            assert change.start is not None
            assert change.start >= NOW + context.policy.min_lead


@given(states(), contexts)
def test_an_unknown_status_is_never_acted_on(state: tuple[Desired, list[Candidate]], context: Context) -> None:
    one, candidates = state
    unknown = {each.live.id for each in candidates if each.status == "draft"}
    acted = {change.current.id for change in decide(one, candidates, context) if _acts(change) and change.current}
    assert not acted & unknown


@given(states(), contexts)
def test_what_had_begun_is_brought_back_only_by_consent(
    state: tuple[Desired, list[Candidate]], context: Context
) -> None:
    one, candidates = state
    for change in decide(one, candidates, context):
        if change.action is Action.RESUME:
            assert change.held, change


def _acts(change: Change) -> bool:
    return change.action in PENDING


def test_a_paused_one_that_drifted_is_replaced_once() -> None:
    """Where the vendor cannot cancel, the drifted one stays beside its successor."""
    one = desired(paused=True)
    drifted = live(one, "paused", campaign_id="a", body="Drifted")
    made_anew = live(one, "paused", campaign_id="b", created=NOW)
    before = [Candidate(drifted, one.digest, differences(one, drifted))]
    after = [*before, Candidate(made_anew, one.digest)]
    context = Context(NOW, Policy())
    assert [change.action for change in decide(one, before, context)] == [Action.REPLACE]
    assert [change.action for change in decide(one, after, context)] == [Action.UNCHANGED]


def test_a_paused_one_is_no_leftover_where_it_is_desired_paused() -> None:
    """Of two machines that create it at once, each sees the other's already paused and its own not yet."""
    for paused in (False, True):
        one = desired(paused=paused)
        both = [live(one, "scheduled", campaign_id="a"), live(one, "paused", campaign_id="b")]
        leftovers = superseded(one, [Candidate(each, one.digest) for each in both], NOW)
        assert [each.id for each in leftovers] == ([] if paused else ["b"])
