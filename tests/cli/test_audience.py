"""How many people get it: in every format of the plan, at what cost, and what is said when it grew before the apply."""

from typing import Any

import pytest

from msgflash_gitops.sandbox import Behaviour, Fault, Sandbox
from msgflash_gitops.sandbox.seed import sample_id
from tests.support.project import Repository, campaign

AUDIENCES = {
    "everybody": "{type: all}",
    "group": "{type: group, group: VIP Paris}",
    "listed": f"{{type: explicit, value: [{sample_id('contact', '+33639981000')}]}}",
    "tags": "{type: tags, value: [lyon, vip]}",
}


@pytest.fixture(autouse=True)
def definitions(repository: Repository) -> None:
    for key in AUDIENCES:
        audience(repository, key)


def audience(repository: Repository, key: str) -> None:
    text = campaign(key, body=key).replace("{type: tags, value: [client]}", AUDIENCES[key])
    repository.write(f"campaigns/{key}.yaml", text)


def only(repository: Repository, *keys: str) -> None:
    for key in AUDIENCES.keys() - set(keys):
        repository.remove(key)


def more_contacts(sandbox: Sandbox, number: int, tag: str = "client") -> None:
    with sandbox.store.writing():
        for index in range(number):
            sandbox.store.put(
                "contact", {"id": f"new-{index}", "name": "N", "phone": f"+3360{index:08d}", "tags": [tag]}
            )


def counts(plan: dict[str, Any]) -> dict[str, int | None]:
    return {each["key"]: each["recipients"].get("count") for each in plan["changes"]}


def asked(sandbox: Sandbox) -> list[dict[str, str]]:
    return [dict(seen.query) for seen in sandbox.requests if seen.path.endswith("/contacts")]


def test_all_group_and_listed_are_counted_by_one_request(repository: Repository, sandbox: Sandbox) -> None:
    assert counts(repository.plan()) == {"everybody": 250, "group": 24, "listed": 1, "tags": None}
    assert asked(sandbox) == [{"limit": "1"}]


def test_tags_are_counted_where_that_is_asked_for(repository: Repository, sandbox: Sandbox) -> None:
    done = repository.run("plan", "--count-tags", "--format", "json")
    assert counts(done.json) == {"everybody": 250, "group": 24, "listed": 1, "tags": 150}
    assert "counting tags: reading 250 contacts, 3 requests" in done.err
    assert len(asked(sandbox)) == 1 + 3


def test_the_cost_is_said_before_the_contacts_are_read(repository: Repository, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("refuse", method="GET", path="/contacts$", skip=1, status=403, code="FORBIDDEN"))
    done = repository.run("plan", "--count-tags", "--format", "json")
    assert done.code == 0
    assert "3 requests" in done.err
    assert counts(done.json)["tags"] is None
    assert "could not be counted" in done.json["notices"][0]


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_people_read_the_numbers(repository: Repository, format_: str) -> None:
    shown = repository.run("plan", "--count-tags", "--format", format_).out
    for words in ("250 contacts", "24 contacts", "1 contact", "150 contacts"):
        assert words in shown, words


def test_no_contact_is_read_where_nobody_needs_a_count(repository: Repository, sandbox: Sandbox) -> None:
    only(repository, "group", "listed", "tags")
    repository.plan()
    assert asked(sandbox) == []
    repository.remove("tags")
    repository.plan("--count-tags")
    assert asked(sandbox) == []


def test_counting_changes_no_digest(repository: Repository, sandbox: Sandbox) -> None:
    """What was applied without a count is unchanged with one, and the other way round."""
    before = {each["key"]: each["digest"] for each in repository.plan()["changes"]}
    assert repository.apply("--count-tags").code == 0
    more_contacts(sandbox, 100)
    plan = repository.plan("--count-tags")
    assert {each["action"] for each in plan["changes"]} == {"unchanged"}
    assert {each["key"]: each["digest"] for each in plan["changes"]} == before
    assert all("count" not in str(seen.body) for seen in sandbox.requests if seen.method == "POST")


@pytest.mark.parametrize("kind", ["refuse", "status", "wrong-shape", "garbage"])
def test_a_count_that_cannot_be_had_keeps_nothing_back(repository: Repository, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind, method="GET", path="/contacts$", times=99, status=403 if kind == "refuse" else 500))
    plan = repository.plan()
    assert counts(plan)["everybody"] is None
    if kind != "wrong-shape":
        assert "could not be counted" in plan["notices"][0]
    assert repository.apply().code == 0


class TestQuota:
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour(lists=True, monthly_requests=4)

    def test_a_quota_that_ends_while_counting(self, repository: Repository) -> None:
        """Instances, campaigns and groups are read by three requests, one counts, the next is refused."""
        done = repository.run("plan", "--count-tags", "--format", "json")
        assert done.code == 0
        assert counts(done.json)["everybody"] == 250
        assert "could not be counted" in done.json["notices"][0]


class TestSavedPlan:
    def test_growth_is_said_and_nothing_is_refused(self, repository: Repository, sandbox: Sandbox) -> None:
        assert repository.run("plan", "--count-tags", "--out", "plan.json").code == 0
        more_contacts(sandbox, 60, "lyon")
        with sandbox.store.writing():
            group = sandbox.store.get("group", sample_id("group", "VIP Paris"))
            assert group is not None
            sandbox.store.put("group", {**group, "contactCount": 25})
        done = repository.apply("plan.json", "--count-tags", "--format", "json")
        assert done.code == 0
        assert done.json["notices"] == [
            "everybody: its audience grew from 250 to 310 contacts (+24 %) since the plan was made",
            "tags: its audience grew from 150 to 210 contacts (+40 %) since the plan was made",
        ]
        for line in done.json["notices"]:
            assert f"warning: {line}" in done.err
        assert len(sandbox.campaigns()) == len(AUDIENCES)

    def test_without_the_flag_tags_are_not_read_again(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.run("plan", "--count-tags", "--out", "plan.json")
        more_contacts(sandbox, 60, "lyon")
        sandbox.requests.clear()
        done = repository.apply("plan.json")
        assert (done.code, asked(sandbox)) == (0, [{"limit": "1"}])
        assert "everybody: its audience grew" in done.err
        assert "not again: --count-tags does" in done.err

    def test_a_little_growth_is_none(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.run("plan", "--out", "plan.json")
        more_contacts(sandbox, 25)
        done = repository.apply("plan.json", "--format", "json")
        assert (done.code, done.json["notices"]) == (0, [])
        assert "warning" not in done.err

    def test_what_cannot_be_counted_again_keeps_nothing_back(self, repository: Repository, sandbox: Sandbox) -> None:
        repository.run("plan", "--out", "plan.json")
        for path in ("/contacts$", "/contacts/groups$"):
            sandbox.faults.add(Fault("refuse", method="GET", path=path, times=99, status=403, code="FORBIDDEN"))
        done = repository.apply("plan.json", "--format", "json")
        assert done.code == 0
        assert len(done.json["notices"]) == 2
