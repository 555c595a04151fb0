"""`plan` for reviewers: the comment and the page, as a pipeline asks for them."""

from msgflash_gitops.sandbox import Sandbox
from tests.support.project import Repository


def test_the_comment_and_the_page_are_of_one_plan(repository: Repository, sandbox: Sandbox) -> None:
    repository.campaign(body="Old words")
    assert repository.apply().code == 0
    repository.campaign(body="New words")
    done = repository.run(
        "plan", "--format", "markdown", "--html", "plan.html", "--out", "plan.json", "--detailed-exitcode"
    )
    assert done.code == 2
    assert done.out.startswith("<!-- msgflash-gitops plan crm default -->\n## MsgFlash plan: 1 to replace\n")
    page = (repository.root / "plan.html").read_text()
    digest = repository.plan()["changes"][0]["current"]["id"]
    for report in (done.out, page):
        assert "Old " in report and "New " in report and digest in report
    assert "default-src 'none'" in page and "http-equiv" in page
    assert sandbox.api_key not in done.out + page


def test_a_comment_that_is_cut_points_to_the_page(repository: Repository) -> None:
    for number in range(160):
        repository.campaign(f"campaign-{number}", name=f"Campaign {number}", body=f"Words {number} " * 20)
    done = repository.run("plan", "--format", "markdown", "--html", "plan.html")
    assert done.code == 0, done.err
    assert len(done.out.encode()) <= 60_000
    assert "more changes, in short" in done.out
    assert (repository.root / "plan.html").read_text().count("<article") == 160


def test_a_page_that_cannot_be_written_is_told(repository: Repository) -> None:
    repository.campaign()
    done = repository.run("plan", "--html", "no/such/folder/plan.html")
    assert done.code == 1
    assert "the page cannot be written" in done.err
    assert not list(repository.root.glob("tmp*"))
