"""The documented errors."""

from typing import Any

STATUS = {
    "VALIDATION_ERROR": 400,
    "BAD_REQUEST": 400,
    "TEMPLATE_INVALID": 400,
    "TEMPLATE_VARIABLES_MISSING": 400,
    "TEMPLATE_CONTEXT_UNAVAILABLE": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "SUBSCRIPTION_INACTIVE": 403,
    "CAMPAIGNS_NOT_AVAILABLE_ON_PLAN": 403,
    "UNSUPPORTED_FEATURE": 403,
    "FEATURE_NOT_AVAILABLE_ON_PLAN": 403,
    "TEAM_KEY_REQUIRED": 403,
    "TEAM_KEY_NOT_ALLOWED": 403,
    "NOT_FOUND": 404,
    "TEAM_NOT_FOUND": 404,
    "CONFLICT": 409,
    "INVALID_DESTINATION": 422,
    "API_RATE_LIMIT_EXCEEDED": 429,
    "MONTHLY_API_REQUEST_QUOTA_EXCEEDED": 429,
    "MONTHLY_OUTBOUND_QUOTA_EXCEEDED": 429,
    "INTERNAL_ERROR": 500,
    "PROVIDER_TIMEOUT": 502,
    "PROVIDER_UNAVAILABLE": 502,
}


class Problem(Exception):
    """An error answer: `{"error": {"code", "message", "details"}}`."""

    def __init__(self, code: str, message: str, details: list[Any] | None = None, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or []
        self.status = status or STATUS.get(code, 500)

    @property
    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "details": self.details}}
