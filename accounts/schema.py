"""How the API's document describes sign-in by token."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its registration is untyped
    """`Authorization: Bearer abk_live_…`."""

    target_class = "accounts.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002 - spectacular's signature
        """The scheme as OpenAPI names it."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "abk_live_…",
            "description": "An API token, made with `create_api_token`; in the header only, never in an address.",
        }
