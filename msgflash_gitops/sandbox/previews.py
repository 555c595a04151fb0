"""The page "Preview a template": filled in for one contact and one instance. It sends nothing."""

from typing import Any

from starlette.requests import Request

from msgflash_gitops.sandbox.checks import check_preview
from msgflash_gitops.sandbox.envelopes import Answer, found
from msgflash_gitops.sandbox.rendering import fill, missing, values
from msgflash_gitops.sandbox.world import World


def preview(sandbox: World, request: Request, body: Any) -> Answer:
    """Every field of the body may be left out, and so may the body."""
    template = found(sandbox, "template", request.path_params["id"])
    asked = {} if body is None else body
    check_preview(asked)
    contact = found(sandbox, "contact", asked["contactId"]) if "contactId" in asked else None
    instance = found(sandbox, "instance", asked["instanceId"]) if "instanceId" in asked else None
    given = values(contact, instance, asked.get("variables"))
    lacking = missing(template["body"], given)
    shown = {
        "rendered": fill(template["body"], given),
        "variables": template["variables"],
        "missingVariables": lacking,
        "valid": not lacking,
    }
    return 200, {"data": shown}
