"""Entry to line and back, and every way in which a line can be wrong."""

# ruff: noqa: ARG005 - each case takes all three lines and alters some

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.errors import LedgerError
from msgflash_gitops.model import ledger
from msgflash_gitops.model.ledger import Fact, Genesis, Head, Intent, Operation, RunBegan
from msgflash_gitops.storage.ledger.chain import Chain, read_lines, write_lines

CHAIN = Chain("crm", "production")
MOMENT = datetime(2027, 4, 15, 7, tzinfo=UTC)
INSTANTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
st.register_type_strategy(datetime, INSTANTS)
WHOLE = st.integers(min_value=0, max_value=10**9)
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.from_type(Genesis),
    st.from_type(RunBegan),
    st.builds(Intent, attempt=WHOLE),
    st.from_type(ledger.OutcomeSeen),
    st.from_type(ledger.Linked),
    st.from_type(ledger.Unlinked),
    st.builds(ledger.Observed, statuses=st.dictionaries(st.text(), st.text())),
    st.builds(ledger.LeaseTaken, seconds=WHOLE),
    st.from_type(ledger.LeaseRenewed),
    st.from_type(ledger.LeaseFreed),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(FACTS, max_size=8), INSTANTS, st.text())
def test_what_is_written_is_read(facts: list[Fact], at: datetime, run: str) -> None:
    lines, entries, head = write_lines(CHAIN, Head(), facts, at=at, run=run)
    assert read_lines(CHAIN, lines) == (entries, head)
    assert [entry.fact for entry in entries] == facts
    assert not any(b"\n" in line for line in lines)


@given(st.lists(FACTS, min_size=2, max_size=6), st.data())
def test_reading_goes_on_where_it_stopped(facts: list[Fact], data: st.DataObject) -> None:
    lines, entries, head = write_lines(CHAIN, Head(), facts, at=MOMENT, run="r")
    cut = data.draw(st.integers(0, len(lines)))
    first, middle = read_lines(CHAIN, lines[:cut])
    rest, end = read_lines(CHAIN, lines[cut:], middle)
    assert first + rest == entries
    assert end == head


@given(st.lists(FACTS, min_size=2, max_size=6), st.data())
def test_a_changed_byte_is_found(facts: list[Fact], data: st.DataObject) -> None:
    """In any line but the last, whose hash nobody has written down yet."""
    lines, _, _ = write_lines(CHAIN, Head(), facts, at=MOMENT, run="r")
    number = data.draw(st.integers(0, len(lines) - 2))
    line = bytearray(lines[number])
    line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(LedgerError, match=f"line ({number + 1}|{number + 2}) "):
        read_lines(CHAIN, [*lines[:number], bytes(line), *lines[number + 1 :]])


def written() -> list[bytes]:
    intent = Intent("spring", "create", Operation.CREATE, digest="3f9a1c2b04", start=MOMENT + timedelta(days=9))
    return write_lines(CHAIN, Head(), [Genesis("id"), RunBegan("apply"), intent], at=MOMENT, run="r1")[0]


def altered(line: bytes, **fields: Any) -> bytes:
    return json.dumps({**json.loads(line), **fields}, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (lambda a, b, c: [a, c], r"line 2 .* bears the number 3"),
        (lambda a, b, c: [b, c], r"line 1 .* bears the number 2"),
        (lambda a, b, c: [a, b, b], r"line 3 .* bears the number 2"),
        (lambda a, b, c: [a, altered(b, run="r2"), c], r"line 3 .* does not follow"),
        (lambda a, b, c: [a, altered(b, previous="0" * 64), c], r"line 2 .* does not follow"),
        (
            lambda a, b, c: [a, altered(b, project="shop")],
            r"line 2 .* belongs to shop/production, not to crm/production",
        ),
        (lambda a, b, c: [a, altered(b, workspace="staging")], r"line 2 .* belongs to crm/staging"),
        (lambda a, b, c: [a, altered(b, kind="rewind")], "kind 'rewind', which this release does not know"),
        (lambda a, b, c: [a, b, altered(c, facts={**json.loads(c)["facts"], "operation": "edit"})], "operation 'edit'"),
        (lambda a, b, c: [a, b, altered(c, facts={"key": "k"})], r"line 3 .* cannot be read"),
        (lambda a, b, c: [a, b, altered(c, facts=[])], r"line 3 .* cannot be read"),
        (lambda a, b, c: [a, b, altered(c, at="yesterday")], r"line 3 .* cannot be read"),
        (lambda a, b, c: [a, b, altered(c, at="2027-04-15T07:00:00")], r"line 3 .* cannot be read"),
        (lambda a, b, c: [a, b, altered(c, run=7)], r"line 3 .* cannot be read"),
        (lambda a, b, c: [a, altered(b, number=2.0)], r"line 2 .* cannot be read"),
        (lambda a, b, c: [a, b[:40]], r"line 2 .* cannot be read"),
        (lambda a, b, c: [a, b""], r"line 2 .* cannot be read"),
        (lambda a, b, c: [a, b"[" * 100_000], r"line 2 .* cannot be read"),
        (lambda a, b, c: [a, b"\xff\xfe"], r"line 2 .* cannot be read"),
        (lambda a, b, c: [a + b"\r", b + b"\r"], r"line 2 .* does not follow"),
    ],
)
def test_what_is_wrong_is_named(lines: Any, said: str) -> None:
    with pytest.raises(LedgerError, match=said) as caught:
        read_lines(CHAIN, lines(*written()))
    assert caught.value.hint
    assert caught.value.exit_code == 3


def test_fields_of_a_newer_release_are_passed_over_and_kept_in_the_chain() -> None:
    first, second, _ = written()
    newer = altered(first, facts={"id": "id", "colour": "red"}, more=1)
    follows = altered(second, previous=hashlib.sha256(newer).hexdigest())
    entries, _ = read_lines(CHAIN, [newer, follows])
    assert entries[0].fact == Genesis("id")


def test_the_form_of_a_line_is_frozen() -> None:
    """A golden line: what earlier releases wrote must be read for ever."""
    assert written()[2] == (
        b'{"at":"2027-04-15T07:00:00.000Z","facts":{"action":"create","digest":"3f9a1c2b04","key":"spring","operation":"create",'
        b'"start":"2027-04-24T07:00:00.000Z"},"kind":"intent","number":3,"previous":'
        b'"'
        + hashlib.sha256(written()[1]).hexdigest().encode()
        + b'","project":"crm","run":"r1","workspace":"production"}'
    )
