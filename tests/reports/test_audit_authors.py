"""Who is named for what is live: by the form of the definition, the ledger's commit, and the dates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from msgflash_gitops.model.audit import Audit, Coverage, Origin, State, Subject, Window
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.plan import World
from msgflash_gitops.model.provenance import Applied, Blame, Commit, Form, LedgerNote, Provenance
from msgflash_gitops.model.source import Position
from msgflash_gitops.reports.audit_words import origin_words

CREATED = datetime(2027, 3, 2, 10, 0, 0, 700_000, tzinfo=UTC)
ANA = Commit("a" * 40, "Ana", "ana@example.com", CREATED - timedelta(days=1))
BOB = Commit("b" * 40, "Bob", "bob@example.com", CREATED + timedelta(days=1))
LIVE = LiveCampaign("c-1", "Spring", "scheduled", {}, created_at=CREATED)
SUBJECT = Subject("Spring", State.IN_SYNC, Origin.GIT, CREATED, "none", {}, {}, LIVE, "spring")
SEEN = Coverage(World.LIST)
PLACE = Position("campaigns/spring.yaml", 1, 1)


def audit(touched: Commit | None = BOB, note: LedgerNote | None = None, **more: Any) -> Audit:
    window = Window(CREATED, CREATED + timedelta(days=30), "UTC")
    blame = Blame({(PLACE.path, PLACE.line): touched} if touched else {})
    ledger = {LIVE.id: note} if note else {}
    return Audit(
        "crm", "default", window, CREATED, (), (), SEEN, blame=blame, ledger=ledger, history={ANA.id: ANA}, **more
    )


def known(form: Form | None, made: Audit, *, created: datetime | None = CREATED) -> Provenance:
    live = replace(LIVE, created_at=created)
    return made.provenance(replace(SUBJECT, form=form, source=PLACE, campaign=live))


def created(commit: str | None, operation: str = "create") -> LedgerNote:
    return LedgerNote("run", "2027-03-02T10:00:00+00:00", operation, commit)


def test_of_the_same_form_the_last_editor() -> None:
    found = known(Form.CURRENT, audit(note=created(ANA.id)))
    assert (found.commit, found.applied, found.changed_since, found.changed_by) == (BOB, None, False, None)


def test_of_another_form_what_the_ledger_names() -> None:
    found = known(Form.OTHER, audit(note=created(ANA.id)))
    assert (found.commit, found.applied) == (None, Applied(ANA.id, ANA))
    assert (found.changed_since, found.changed_by) == (True, BOB)


@pytest.mark.parametrize("note", [None, created(None), created(ANA.id, "pause")])
def test_without_a_creation_from_a_commit_nobody(note: LedgerNote | None) -> None:
    found = known(Form.OTHER, audit(note=note))
    assert (found.commit, found.applied, found.changed_since) == (None, None, True)


def test_a_commit_with_changes() -> None:
    assert known(Form.OTHER, audit(note=created(f"{ANA.id}+dirty"))).applied == Applied(ANA.id, ANA, dirty=True)


def test_a_commit_that_is_not_here() -> None:
    assert known(Form.OTHER, audit(note=created("d" * 40))).applied == Applied("d" * 40)


@pytest.mark.parametrize(
    ("date", "named"),
    [
        (CREATED.replace(microsecond=0), True),
        (CREATED.replace(microsecond=0) - timedelta(seconds=1), False),
        (CREATED + timedelta(seconds=1), True),
    ],
)
def test_the_editor_is_named_from_the_second_of_the_creation_on(date: datetime, named: bool) -> None:
    edit = replace(BOB, date=date)
    found = known(Form.OTHER, audit(edit))
    assert (found.changed_by, found.changed_since) == (edit if named else None, True)


def test_the_commit_that_was_applied_did_not_change_it_since() -> None:
    assert known(Form.OTHER, audit(replace(ANA, date=BOB.date), created(ANA.id))).changed_by is None


def test_without_a_time_of_creation_no_editor() -> None:
    assert known(Form.OTHER, audit(), created=None).changed_by is None


@pytest.mark.parametrize(
    ("form", "touched", "since"), [(Form.UNKNOWN, BOB, True), (Form.UNKNOWN, ANA, None), (Form.UNMARKED, BOB, None)]
)
def test_what_cannot_be_compared_has_no_author(form: Form, touched: Commit, since: bool | None) -> None:
    found = known(form, audit(touched))
    assert (found.commit, found.changed_since) == (None, since)
    assert found.changed_by == (touched if since else None)


def test_of_a_definition_without_a_campaign_the_last_editor() -> None:
    found = audit().provenance(replace(SUBJECT, campaign=None, source=PLACE))
    assert (found.commit, found.applied, found.changed_since) == (BOB, None, None)


def test_of_a_campaign_without_a_definition_what_the_ledger_names() -> None:
    found = audit(note=created(ANA.id)).provenance(SUBJECT)
    assert (found.commit, found.applied, found.changed_since) == (None, Applied(ANA.id, ANA), None)


@pytest.mark.parametrize(
    ("form", "touched", "commit", "words"),
    [
        (Form.CURRENT, BOB, ANA.id, "bbbbbbbbbb by Bob on 2027-03-03"),
        (
            Form.OTHER,
            BOB,
            ANA.id,
            "applied from aaaaaaaaaa (Ana, 2027-03-01), definition changed since by Bob (bbbbbbbbbb, 2027-03-03)",
        ),
        (
            Form.OTHER,
            ANA,
            f"{'d' * 40}+dirty",
            "applied from dddddddddd with changes that were not committed, definition changed since it was applied",
        ),
        (Form.OTHER, None, None, "definition changed since it was applied"),
        (Form.UNMARKED, BOB, None, "without a marker, and not as its definition"),
        (Form.UNKNOWN, ANA, None, "definition has errors now"),
    ],
)
def test_in_words(form: Form, touched: Commit | None, commit: str | None, words: str) -> None:
    made = audit(touched, created(commit))
    said = origin_words(made, replace(SUBJECT, form=form, source=PLACE))
    assert said == f"git campaigns/spring.yaml:1, {words}, created by run run on Tue 2027-03-02 10:00 UTC"
