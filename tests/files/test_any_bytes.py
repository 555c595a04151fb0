"""Whatever the bytes are: findings, never an exception, and never a definition that is dropped in silence."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.files.definitions import Loaded, load_documents
from msgflash_gitops.model.finding import Severity
from msgflash_gitops.model.project import Project

HERE = Path(__file__).parent
PROJECT = Project("/", "crm", timezone="Europe/Paris")
WHOLE = [path.read_bytes() for path in sorted(HERE.glob("*/*.yaml"))]
GOOD = b"name: Spring\ninstance: a\nschedule: 2031-04-15T09:00:00\nrecipients: {type: all}\ntype: text\nbody: Hello\n"
PIECES = [
    b"",
    b"\n",
    b"---\n",
    b"  ",
    b"\t",
    b"- ",
    b": ",
    b"? ",
    b"&a ",
    b"*a",
    b"!x ",
    b"|\n",
    b"{",
    b"}",
    b"[",
    b"]",
]
PIECES += [
    b'"',
    b"'",
    b"#",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"<<: *a\n",
    b"%YAML 1.1\n",
    b"...\n",
    b"\xe2\x80\xa8",
]


def _mutate(text: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, piece in cuts:
        start = at % (len(text) + 1)
        text = text[:start] + piece + text[start + length :]
    return text


mutated = st.builds(
    _mutate,
    st.sampled_from([GOOD, *WHOLE]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 40), st.sampled_from(PIECES)), max_size=6),
)


def loaded(data: bytes) -> Loaded:
    return load_documents({"campaigns/a.yaml": data}, PROJECT)


def check(data: bytes) -> None:
    found = loaded(data)
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\xc2\x85") + data.count(b"\xe2\x80") + 1
    for finding in found.findings:
        assert 1 <= finding.line <= lines + 1  # the parser may find something missing just behind the end
        assert finding.column >= 1
        assert finding.message
    errors = [finding for finding in found.findings if finding.severity is Severity.ERROR]
    assert len(found.definitions) >= found.documents or errors or not found.documents


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_any_bytes(data: bytes) -> None:
    check(data)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text(text: str) -> None:
    check(text.encode("utf-8", "surrogatepass"))


@given(mutated)
@settings(max_examples=600, deadline=None)
def test_any_mutation_of_a_definition(data: bytes) -> None:
    check(data)


@given(mutated)
@settings(max_examples=100, deadline=None)
def test_a_broken_file_hides_no_other(data: bytes) -> None:
    texts = {"campaigns/a.yaml": data, "campaigns/zz-good.yaml": GOOD, "campaigns/zz-bad.yaml": GOOD + b"x: y\n"}
    found = load_documents(texts, PROJECT)
    assert any(definition.key == "zz-good" for definition in found.definitions)
    assert [each.rule for each in found.findings if each.path == "campaigns/zz-bad.yaml" and each.line == 7] == [
        "schema-unknown-field"
    ]
