"""One tree of errors that a person or a client may see.

AppError
├── InvalidInput      400  what was given is wrong; `field` says where
├── NotSignedIn       401
├── NotAllowed        403  known, but not permitted
├── NotFound          404  also for rows of another workspace
├── Conflict          409
├── LimitReached      429  `retry_after` in seconds when known
└── SwitchedOff       503  a feature flag is off
"""

from http import HTTPStatus


class AppError(Exception):
    """Root of the errors we explain. `code` is stable and for machines, `message` is for the person."""

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    code: str = "error"

    def __init__(
        self, message: str, *, code: str | None = None, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field
        self.retry_after = retry_after


class InvalidInput(AppError):
    """What was given cannot be used; the message says what to give instead."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid"


class NotSignedIn(AppError):
    """No valid session or token came with the request."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not_signed_in"


class NotAllowed(AppError):
    """The person or token is known but may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "not_allowed"


class NotFound(AppError):
    """There is no such thing, or it belongs to another workspace."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class Conflict(AppError):
    """The state of things does not permit this now."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class LimitReached(AppError):
    """Too much, too often; `retry_after` says when to come back."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "limit_reached"


class SwitchedOff(AppError):
    """The operator has switched this feature off."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "switched_off"
