"""The marker: read only when it is whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.planning.marker import Marker, damaged_key, mark, read_marker

KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
PROJECTS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,31}", fullmatch=True)
DIGESTS = st.from_regex(r"[0-9a-f]{10}", fullmatch=True)


@given(st.text(), PROJECTS, KEYS, DIGESTS)
def test_what_was_marked_is_read_again_whatever_the_name(name: str, project: str, key: str, digest: str) -> None:
    marker = Marker(project, key, digest)
    assert read_marker(mark(name, marker)) == (name, marker)


@pytest.mark.parametrize(
    "name",
    [
        "April Newsletter",
        "April [crm/april@3f9a1c2b0]",
        "April [crm/april@3f9a1c2b044]",
        "April [CRM/april@3f9a1c2b04]",
        "April [crm/april@3F9A1C2B04]",
        "April [crm/april@3f9a1c2b04] (copy)",
        "April[crm/april@3f9a1c2b04]",
        "[crm/april@3f9a1c2b04]",
        "April [crm/apr il@3f9a1c2b04]",
        "April [crm/april@3f9a1c2b04",
    ],
)
def test_what_only_resembles_a_marker_is_none(name: str) -> None:
    assert read_marker(name) == (name, None)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("April [crm/april@3f9a1c2b04] (copy)", "april"),
        ("April [crm/april@3f9a", "april"),
        ("April [crm/apr", "apr"),
        ("April [CRM/april@3F9A1C2B04]", "april"),
        ("April [shop/april@3f9a", None),
        ("April [crm/april@3f9a1c2b04]", None),
        ("April", None),
    ],
)
def test_what_is_left_of_a_marker_names_its_key(name: str, key: str | None) -> None:
    assert damaged_key(name, "crm") == key
