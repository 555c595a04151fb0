"""What recipients see of definitions, as a page."""

from collections.abc import Sequence

from msgflash_gitops.reports.html.render import render
from msgflash_gitops.reports.preview import Card


def preview_html(cards: Sequence[Card], project: str) -> str:
    """The whole page."""
    return render("preview.html", cards=cards, project=project)
