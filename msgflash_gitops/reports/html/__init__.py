"""Pages for reviewers: one self-contained file each, without scripts and without any request. The only door to jinja2.

Templates escape everything by themselves; what belongs in a page is decided here, how it looks in `templates/`.
"""

from msgflash_gitops.reports.html.plan import plan_html
from msgflash_gitops.reports.html.preview import preview_html

__all__ = ["plan_html", "preview_html"]
