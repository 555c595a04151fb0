"""After an apply: what was written is read again, and what is not as git says is said."""

from collections.abc import Callable

import pytest

from msgflash_gitops.model.ledger import Observed
from msgflash_gitops.model.memory import DELETED
from msgflash_gitops.model.outcome import Outcome
from msgflash_gitops.sandbox import Behaviour, Fault
from tests.workflows.desk import DOCUMENTED, define
from tests.workflows.office import Ended, Office

MakeOffice = Callable[..., Office]
VERIFIED = Observed(lists=False, verified=True)
ONE = "^/campaigns/[^/]+$"


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    """Over the documented API, with a ledger."""
    return make_office(DOCUMENTED).named()


def ids(office: Office) -> list[str]:
    return [str(each["id"]) for each in office.sandbox.campaigns()]


def upset(office: Office, method: str, path: str, act: Callable[[str], None]) -> None:
    """`act` on the newest campaign, once, after the first such request."""
    done: list[str] = []

    def after(seen: str, at: str) -> None:
        if not done and seen == method and at.endswith(path):
            done.append(at)
            act(ids(office)[-1])

    office.after_request = after


def problem(ended: Ended) -> str:
    (only,) = ended.applied.problems
    return only


def test_what_was_created_is_read_again_by_its_id(office: Office) -> None:
    ended = office.apply(define("a"), define("b"))
    assert ended.outcomes == [("a", Outcome.DONE), ("b", Outcome.DONE)]
    assert (ended.applied.verified, ended.applied.problems, ended.code) == (True, (), 0)
    assert office.facts().count(VERIFIED) == 1
    reads = [seen.path for seen in office.sandbox.requests if seen.method == "GET"]
    assert sorted(each for each in reads if each.startswith("/campaigns/")) == sorted(
        f"/campaigns/{each}" for each in ids(office)
    )


def test_only_what_was_touched_is_read_again(office: Office) -> None:
    office.apply(define("a"), define("b"))
    before = len(office.sandbox.requests)
    ended = office.apply(define("a"), define("b"), define("c"))
    assert ended.applied.verified
    *_, last = [seen.path for seen in office.sandbox.requests[before:]]
    read = [seen.path for seen in office.sandbox.requests[before:] if seen.path.startswith("/campaigns/")]
    assert len(read) == 3, "a and b for the plan, c afterwards"
    assert last == f"/campaigns/{ids(office)[-1]}"


@pytest.mark.parametrize("lag, verified", [(14.0, True), (40.0, False)])
def test_what_was_created_may_take_the_time_to_settle_until_it_can_be_read(
    make_office: MakeOffice, lag: float, verified: bool
) -> None:
    office = make_office(Behaviour(get_lag=lag)).named()
    ended = office.apply(define())
    (made,) = ids(office)
    assert ended.outcomes == [("spring", Outcome.DONE)]
    assert ended.applied.verified is verified
    assert ended.applied.problems == (() if verified else (f"campaign {made} was created and cannot be read",))
    assert ended.code == (0 if verified else 5)
    assert (VERIFIED in office.facts()) is verified
    assert set(office.memory().campaigns) == {made}, "it is remembered all the same"


def test_what_was_deleted_meanwhile_is_a_problem(office: Office) -> None:
    upset(office, "POST", "/campaigns", office.sandbox.delete_campaign)
    ended = office.apply(define())
    assert problem(ended).endswith(" was created and cannot be read")
    assert (ended.applied.verified, ended.code) == (False, 5)
    again = office.apply(define())
    assert [each.status for each in again.deployed.planned.live] == [DELETED]  # type: ignore[union-attr]
    assert again.outcomes == [("spring", Outcome.SKIPPED)], "it is not created again by itself"
    assert ids(office) == []


def test_what_a_person_cancelled_meanwhile_is_a_problem(office: Office) -> None:
    upset(office, "POST", "/campaigns", office.sandbox.cancel_by_hand)
    ended = office.apply(define())
    assert problem(ended).startswith(f"spring: {ids(office)[0]} was applied, and now the account asks for blocked: ")
    assert (ended.applied.verified, ended.code) == (False, 5)


def test_an_api_that_cannot_be_asked_again_leaves_it_unverified(office: Office) -> None:
    office.sandbox.faults.add(Fault("status", "GET", ONE, times=99))
    ended = office.apply(define())
    assert ended.outcomes == [("spring", Outcome.DONE)]
    assert problem(ended).startswith("what was written could not be read again, so it is not verified: get campaign: ")
    assert (ended.applied.verified, ended.code) == (False, 5)
    assert VERIFIED not in office.facts()


def test_a_replace_is_verified_by_both(office: Office) -> None:
    office.apply(define(body="old"))
    ended = office.apply(define(body="new"))
    assert (ended.applied.verified, ended.code) == (True, 0)
    assert office.statuses() == ["paused", "scheduled"]
    assert sorted(each.status or "" for each in office.memory().campaigns.values()) == ["paused", "scheduled"]


def test_the_old_one_resumed_by_a_person_meanwhile_is_a_problem(office: Office) -> None:
    office.apply(define(body="old"))
    (old,) = ids(office)
    upset(office, "POST", "/campaigns", lambda _: office.sandbox.set_status(old, "scheduled"))
    ended = office.apply(define(body="new"))
    (new,) = set(ids(office)) - {old}
    asks = f"spring: {new} was applied, and now the account asks for "
    replaced, stopped = ended.applied.problems
    assert replaced.startswith(f"{asks}replace: edited in git")
    assert stopped.startswith(f"{asks}stop: the key is live twice, {old} is kept")
    assert (ended.applied.verified, ended.code) == (False, 5)


def test_a_stop_is_verified_too(office: Office) -> None:
    office.apply(define())
    ended = office.apply()
    assert ended.outcomes == [("spring", Outcome.DONE)]
    assert (ended.applied.verified, ended.code) == (True, 0)
    assert VERIFIED not in office.facts()[-4:], "nothing was created that could be missing"


def test_what_is_in_doubt_does_not_stand(office: Office) -> None:
    office.sandbox.faults.add(Fault("drop-after", path="^/campaigns$"))
    ended = office.apply(define("a"), define("b"))
    assert sorted(each.value for _, each in ended.outcomes) == ["done", "unknown"]
    assert (ended.applied.verified, ended.code) == (False, 6)
    again = office.apply(define("a"), define("b"))
    assert [each.value for _, each in again.outcomes] == ["skipped"]
    assert again.code == 5
    assert len(ids(office)) == 2, "nothing is created again"


def test_minimal_answers_are_completed_by_reading(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(answers="minimal", create_answers="minimal")).named()
    ended = office.apply(define())
    assert ended.outcomes == [("spring", Outcome.DONE)]
    assert (ended.applied.verified, ended.code) == (True, 0)
    assert (office.apply(define(body="new")).code, office.statuses()) == (0, ["paused", "scheduled"])


# with a list


def test_with_a_list_the_account_is_listed_again(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(lists=True)).named()
    ended = office.apply(define())
    assert (ended.applied.verified, ended.code) == (True, 0)
    assert Observed(lists=True, verified=True) in office.facts()
    assert not [seen for seen in office.sandbox.requests if seen.path.startswith("/campaigns/")]


def test_with_a_list_what_was_deleted_meanwhile_is_a_problem(make_office: MakeOffice) -> None:
    office = make_office(Behaviour(lists=True)).named()
    upset(office, "POST", "/campaigns", office.sandbox.delete_campaign)
    ended = office.apply(define())
    assert problem(ended).endswith(" was created and does not show in the list")
    again = office.apply(define())
    assert again.outcomes == [("spring", Outcome.SKIPPED)], "the ledger knows that it was there, and was deleted"
    assert again.code == 5


def test_another_machine_with_the_same_ledger_finds_nothing_to_do(make_office: MakeOffice) -> None:
    office = make_office(DOCUMENTED, shared=True).named()
    assert office.apply(define()).code == 0
    ended = office.apply(define(), machine="laptop")
    assert (ended.applied.results, ended.applied.verified, ended.code) == ((), True, 0)
    assert len(ids(office)) == 1
