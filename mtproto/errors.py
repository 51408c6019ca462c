"""What can go wrong between us and Telegram. Telethon's own exceptions never leave the adapter.

GatewayError                permanent?  retry after?
├── FloodWait               no          seconds, told by Telegram; belongs to (account, method)
├── Unreachable             no          back-off: the line is lost, nothing gets through
├── ServerTrouble           no          the line is alive, but the server could not carry out this call (5xx, no answer
│                                       in time, trouble with the statistics data centre): this call fails alone
├── AccountUnusable         yes, for this account: session revoked, key unregistered, banned
├── PeerRefused             the channel cannot be read
│   ├── PeerNotFound        yes         no such username, link or id
│   ├── PeerPrivate         retry daily private, or this account was removed or banned from it
│   ├── PeerNotChannel      yes         a group, a user or a bot; `kind` says which
│   └── PeerUnaddressed     no          this account has no access hash for it; resolve first
├── StatsRefused            retry daily no admin right, or the channel is too small
├── GraphExpired            no          ask for the statistics anew
└── RequestInvalid          yes         Telegram does not accept the request as made: our fault
"""

from mtproto.records import PeerKind


class GatewayError(Exception):
    """Root. `code` is stable (Telegram's own name where there is one); `permanent` says whether to retry."""

    permanent = False
    code = "GATEWAY_ERROR"

    def __init__(self, message: str, *, code: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.retry_after = retry_after


class FloodWait(GatewayError):
    """Telegram asks this account not to call `method` for `retry_after` seconds."""

    code = "FLOOD_WAIT"

    def __init__(self, *, method: str, seconds: int) -> None:
        super().__init__(f"Telegram asks to wait {seconds} s before {method}", retry_after=seconds)
        self.method = method
        self.seconds = seconds


class Unreachable(GatewayError):
    """The line to Telegram is lost or dead: connect again later."""

    code = "UNREACHABLE"


class ServerTrouble(GatewayError):
    """The line is alive, but the server could not carry out this call: other calls may go on."""

    code = "SERVER_TROUBLE"


class AccountUnusable(GatewayError):
    """This account cannot be used any more: sign it in again."""

    permanent = True
    code = "ACCOUNT_UNUSABLE"


class PeerRefused(GatewayError):
    """The channel cannot be read by this account."""

    code = "PEER_REFUSED"


class PeerNotFound(PeerRefused):
    """Nobody has this username, link or id."""

    permanent = True
    code = "PEER_NOT_FOUND"


class PeerPrivate(PeerRefused):
    """The channel is private, or this account was removed from it."""

    code = "CHANNEL_PRIVATE"


class PeerNotChannel(PeerRefused):
    """The reference leads to a group, a user or a bot."""

    permanent = True
    code = "NOT_A_CHANNEL"

    def __init__(self, message: str, *, kind: PeerKind) -> None:
        super().__init__(message)
        self.kind = kind


class PeerUnaddressed(PeerRefused):
    """This account has not met the channel yet (no access hash, or a stale one): resolve it first."""

    code = "PEER_UNADDRESSED"


class StatsRefused(GatewayError):
    """Telegram does not show official statistics of this channel to this account."""

    code = "STATS_REFUSED"


class GraphExpired(GatewayError):
    """A graph's token has run out; ask for the statistics anew."""

    code = "GRAPH_EXPIRED"


class RequestInvalid(GatewayError):
    """Telegram does not accept the request as we made it."""

    permanent = True
    code = "REQUEST_INVALID"


class SignInError(GatewayError):
    """A sign-in step failed; the message says what the person can do."""

    permanent = True
    code = "SIGN_IN_FAILED"


class PasswordNeeded(SignInError):
    """The account has a second-factor password: ask for it."""

    code = "SESSION_PASSWORD_NEEDED"
