"""The key, in whatever form an account or an environment repeats it, is in nothing that is printed or written."""

import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgflash_gitops.cli.masking import secrets_of
from msgflash_gitops.model.masking import MASK, Masker, without_keys
from msgflash_gitops.sandbox import Sandbox
from tests.support.project import Ended, Repository

HEXADECIMAL = "".join(random.Random(7).choices("0123456789abcdef", k=64))
KEY = f"msgf_live_{HEXADECIMAL}"
FORMS = {
    "as it is": KEY,
    "without its prefix": HEXADECIMAL,
    "in upper case": KEY.upper(),
    "spaced": " ".join(KEY),
    "in groups": " ".join(HEXADECIMAL[at : at + 4] for at in range(0, 64, 4)),
    "dashed": "-".join(HEXADECIMAL[at : at + 8] for at in range(0, 64, 8)).upper(),
    "percent-encoded": "".join(f"%{ord(each):02X}" for each in KEY),
    "over lines": "\n".join(HEXADECIMAL[at : at + 16] for at in range(0, 64, 16)),
    "over lines, escaped": "\\n".join(HEXADECIMAL[at : at + 16] for at in range(0, 64, 16)),
    "folded": f"{HEXADECIMAL[:30]}\r\n {HEXADECIMAL[30:]}",
    "cut": f"{KEY[:50]}…",
    "its first digits": HEXADECIMAL[:8],
    "out of its middle": HEXADECIMAL[21:33].upper(),
    "out of its middle, spaced": " ".join(HEXADECIMAL[30:38]),
    "its last digits": f"…{HEXADECIMAL[-9:]}",
}


def leaks(text: str) -> bool:
    """Whether 8 digits of the key can be read, whatever stands between and around them."""
    digits = "".join(each for each in unquote(text).replace("\\n", "").lower() if each.isalnum())
    return any(HEXADECIMAL[at : at + 8] in digits for at in range(len(HEXADECIMAL) - 7))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_is_masked_and_nothing_beside_it(form: str) -> None:
    hidden = Masker(frozenset({KEY})).hide(f"before ({form}) after, {form}!")
    assert not leaks(hidden)
    assert re.fullmatch(r"before \((?s:(.*))\) after, \1!", hidden)
    assert hidden.count(MASK) == 2


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_check_of_these_tests_sees_every_form(form: str) -> None:
    assert leaks(form)


@given(st.text(max_size=200))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert Masker(frozenset({KEY, "hunter22", "a"})).hide(text) == text


@given(st.text(max_size=30), st.text("-_ .:%\\\n", max_size=4), st.text(max_size=30))
def test_whatever_stands_around_it(before: str, between: str, after: str) -> None:
    text = before + between.replace("%", "").join(HEXADECIMAL) + after
    assert not leaks(Masker(frozenset({KEY})).hide(text))


@given(
    st.integers(0, 56), st.integers(8, 64), st.sampled_from(["", " ", "-", ":", "\n", "\\n", "\u00a0"]), st.booleans()
)
def test_every_part_of_eight_digits_or_more(first: int, length: int, between: str, upper: bool) -> None:
    digits = HEXADECIMAL[first : first + length]
    part = between.join(digits.upper() if upper else digits)
    assert Masker(frozenset({KEY})).hide(f"<{part}>") == f"<{MASK}>"


@given(st.integers(0, 57), st.integers(0, 7), st.text("ghijkl ", max_size=9))
def test_shorter_parts_stay(first: int, length: int, around: str) -> None:
    text = f"{around}z{HEXADECIMAL[first : first + length]}z{around}"
    assert Masker(frozenset({KEY})).hide(text) == text


@given(st.lists(st.tuples(st.integers(0, 63), st.integers(1, 64), st.text("xyz ", max_size=2)), max_size=9))
def test_no_mixture_of_parts_leaves_one(pieces: list[tuple[int, int, str]]) -> None:
    text = "".join(HEXADECIMAL[first : first + length] + after for first, length, after in pieces)
    assert not leaks(Masker(frozenset({KEY})).hide(text))


PASSWORDS = frozenset(
    {"crm-production-20270415", "Database4Campaigns!", "msgf_live_your-key-from-the-dashboard", "msgf_live_" + "0" * 64}
)
WORDS = [
    "production",
    "Production",
    "DATABASE",
    "campaigns",
    "dashboard",
    "2027-04-15",
    "20270415",
    "2027-04-15T00:00:00.000Z",
    "the",
    "your",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_ordinary_words_dates_and_zeros_stay_though_a_secret_holds_them(words: list[str]) -> None:
    text = ", ".join(words)
    assert Masker(PASSWORDS).hide(text) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("crm-production-20270415", MASK),
        ("is it production-2027?", f"is it {MASK}?"),
        ("base4Camp", MASK),
        ("«Database4Campaigns!»", f"«{MASK}»"),
        ("from-the-dashboard", MASK),
        ("0" * 16, MASK),
    ],
)
def test_what_tells_a_part_of_a_password_is_masked(text: str, hidden: str) -> None:
    assert Masker(PASSWORDS).hide(text) == hidden


@pytest.mark.parametrize("text", [f"msgf_team_{'a' * 40}", "msgf_live_x-y_z"])
def test_what_looks_like_a_key_is_one(text: str) -> None:
    assert without_keys(f"({text})") == f"({text[:10]}***)"


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    masker = Masker(frozenset({"hunter2", "p@ss/w", "short"}))
    assert masker.hide("postgresql://u:hunter2@h/db, hunter22") == f"postgresql://u:{MASK}@h/db, hunter22"
    assert masker.hide("u:p%40ss%2Fw@h, p@ss/w") == f"u:{MASK}@h, {MASK}"
    assert masker.hide("short of time") == "short of time"


def test_the_time_is_linear() -> None:
    masker = Masker(frozenset({"msgf_live_" + "5a" * 32, "0" * 63 + "1", KEY}))
    took = []
    for size in (100_000, 800_000):
        texts = ["0" * size, "5a" * (size // 2), "5%a\\n" * (size // 5), "5 " * (size // 2), "\\" * size]
        texts += [(HEXADECIMAL[9:17] + "z") * (size // 9), (HEXADECIMAL[9:16] + "z") * (size // 8)]
        begun = time.process_time()
        for text in texts:
            masker.hide(text)
        took.append(time.process_time() - begun)
    assert took[1] < 30 * max(took[0], 0.05)


@pytest.mark.parametrize(
    ("variable", "value", "secrets"),
    [
        ("CRM_KEY", KEY, {KEY}),
        ("MSGFLASH_API_KEY", HEXADECIMAL, {HEXADECIMAL}),
        ("MSGFLASH_LEDGER_URL", "postgresql://crm:hunt%40er2@db/ledger", {"hunt%40er2", "hunt@er2"}),
        ("LEDGER", "postgresql://db/ledger?user=crm&password=hunter2", {"hunter2"}),
        ("LEDGER", "host=db password='it is secret' user=crm", {"it is secret"}),
        ("HTTPS_PROXY", "http://me:hunter2@proxy:3128", {"hunter2"}),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI", {"wJalrXUtnFEMI"}),
        ("AZURE_STORAGE_SAS_TOKEN", "sv=2024&sig=wJalrXUtnFEMI", {"sv=2024&sig=wJalrXUtnFEMI"}),
        ("AZURE_CLIENT_SECRET", "wJalrXUtnFEMI", {"wJalrXUtnFEMI"}),
        ("PATH", "/usr/bin:/bin", set()),
        ("BROKEN", "http://[::", set()),
        ("URL", "https://me@example.org/a:b@c", set()),
    ],
)
def test_secrets_of_the_environment(variable: str, value: str, secrets: set[str]) -> None:
    assert set(secrets_of({variable: value})) == secrets


# The whole command, against an account whose every text repeats the key.


def _poisoned(value: Any, text: str) -> Any:
    """Free texts of the account; what the vendor's rules fix (ids, types, times, states) stays."""
    free = {"name", "label", "displayName", "body", "number", "phoneNumber", "title", "description", "footer", "text"}
    if isinstance(value, dict):
        return {
            name: f"{each} {text}" if name in free and isinstance(each, str) else _poisoned(each, text)
            for name, each in value.items()
        }
    return [_poisoned(each, text) for each in value] if isinstance(value, list) else value


COMMANDS = [
    *(("plan", "--format", each) for each in ("text", "json", "markdown")),
    ("plan", "-v", "--html", "page.html"),
    ("plan", "--out", "plan.json"),
    *(
        ("audit", "--from", "2031-01-01", "--to", "2031-12-31", "--format", each)
        for each in ("text", "json", "csv", "markdown", "html", "ics")
    ),
    *((noun, "--format", each) for noun in ("instances", "templates", "groups") for each in ("text", "json")),
    *(("validate", "--format", each) for each in ("text", "json", "github", "sarif", "gitlab")),
    ("validate", "--output", "sarif=out/a.sarif", "--output", "json=out/a.json", "--output", "text=out/a.txt"),
    ("preview",),
    ("preview", "--format", "html", "--out", "preview.html"),
    ("apply", "--auto-approve"),
    ("apply", "--auto-approve", "--format", "json"),
    ("apply", KEY),
    (HEXADECIMAL,),
    ("--workspace", KEY, "plan"),
]


@pytest.fixture(params=["as it is", "without its prefix", "dashed", "spaced", "percent-encoded"])
def repeating(request: pytest.FixtureRequest, repository: Repository, sandbox: Sandbox) -> Iterator[Repository]:
    form = FORMS[request.param]
    sandbox_key = repository.env["MSGFLASH_API_KEY"]
    repository.env.update(OTHER_KEY=KEY, GITHUB_STEP_SUMMARY=str(repository.root / "summary.md"))
    assert sandbox_key != KEY
    label = sandbox.store.all("instance")[0]["name"]
    for kind in ("instance", "template", "group"):
        for item in sandbox.store.all(kind):
            sandbox.store.put(kind, _poisoned(item, form))
    repository.campaign("spring", name=f'"Spring {form}"', body=f'"Hello {form}"')
    text = (repository.root / "campaigns/spring.yaml").read_text()
    repository.write("campaigns/spring.yaml", text.replace("boutique-principale", f'"{label} {form}"'))
    repository.write("campaigns/broken.yaml.off", f"name: {form}\n{form}: 1\n")
    yield repository


@pytest.mark.timeout(300)
def test_nothing_that_is_printed_or_written_repeats_it(repeating: Repository) -> None:
    before = {path for path in repeating.root.rglob("*") if path.is_file()}
    seen: list[tuple[tuple[str, ...], Ended]] = [(each, repeating.run(*each)) for each in COMMANDS]
    (repeating.root / "campaigns/broken.yaml.off").rename(repeating.root / "campaigns/broken.yaml")
    seen += [(each, repeating.run(*each)) for each in (("validate", "--format", "github"), ("plan",))]
    for arguments, ended in seen:
        assert not leaks(ended.out + ended.err), arguments
        assert ended.code != 70, (arguments, ended)
    assert {0, 1} <= {ended.code for _, ended in seen}
    (repeating.root / "campaigns/broken.yaml").unlink()
    written = {path for path in repeating.root.rglob("*") if path.is_file()} - before
    assert {"page.html", "a.sarif", "preview.html"} <= {path.name for path in written}
    for path in written:
        assert not leaks(path.read_bytes().decode("utf-8", "replace")), path


def test_the_sandbox_shows_its_own_key_on_purpose(tmp_path: Path) -> None:
    repository = Repository(tmp_path, {"MSGFLASH_API_KEY": Sandbox.api_key})
    with subprocess.Popen(
        [sys.executable, "-m", "msgflash_gitops", "sandbox", "--port", "0"],
        cwd=tmp_path,
        env=repository.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.terminate()
    assert f"export MSGFLASH_API_KEY={Sandbox.api_key}\n" in lines
