"""Errors as OAuth 2.0 words them (RFC 6749 section 5.2), and those only a person can be shown."""


class OAuthError(Exception):
    """`error` is a code of the RFCs; `status` the HTTP status at endpoints for programs."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def as_json(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


class PageError(Exception):
    """Shown to the person: there is nowhere safe to redirect to."""
