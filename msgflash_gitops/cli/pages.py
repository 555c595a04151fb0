"""Reports for reviewers: the comment and the page, and the file that the page is written to."""

from pathlib import Path

from msgflash_gitops.cli.masking import SECRETS
from msgflash_gitops.errors import InputError
from msgflash_gitops.files.regular import write_whole
from msgflash_gitops.model.project import Project
from msgflash_gitops.planning.seal import plan_digest
from msgflash_gitops.reports.style import Style
from msgflash_gitops.workflows.plan import Planned
from msgflash_gitops.workflows.preview import Preview

_READABLE = 0o644


def plan_comment(planned: Planned, requests: int, html: Path | None) -> str:
    """Markdown for a comment; where it had to be cut, it points to the page that was written beside it."""
    from msgflash_gitops.reports.markdown import code
    from msgflash_gitops.reports.plan_markdown import Context, plan_markdown
    from msgflash_gitops.reports.review import review

    context = Context(plan_digest(planned.plan), requests)
    if html is not None:
        context = Context(context.digest, requests, f"the page {code(html.name)} beside this plan")
    return plan_markdown(review(planned.plan, planned.live), context)


def plan_page(planned: Planned, requests: int) -> str:
    from msgflash_gitops.reports.html import plan_html
    from msgflash_gitops.reports.review import review

    return plan_html(review(planned.plan, planned.live), planned.live, plan_digest(planned.plan), requests)


def write_page(path: Path, page: str) -> None:
    """Replaces the file in one step. Raises InputError where it cannot be written."""
    try:
        write_whole(path, SECRETS.hide(page).encode("utf-8", "backslashreplace"), _READABLE)
    except OSError as error:
        raise InputError(f"the page cannot be written to {path}: {error.strerror}") from error


def preview_page(seen: Preview, project: Project, output: str, style: Style | None) -> str:
    """As text (painted with `style`) or as a page."""
    from msgflash_gitops.reports.preview import card_of, preview_text

    cards = [card_of(each, project.timezone) for each in seen.definitions]
    if output != "html":
        return preview_text(cards, style or Style())
    from msgflash_gitops.reports.html import preview_html

    return preview_html(cards, project.name)
