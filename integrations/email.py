"""E-mail through the backend that Django is set up with; over SMTP with an eye on what was answered when.

SMTP's own steps (RFC 5321 §3.3) decide how a failure ends: before the message goes over the wire nothing was sent;
after that only the server's answer tells. A connection that breaks between the two leaves the outcome open.
"""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage as Letter
from email.utils import formatdate, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from integrations.messages import Message, Refused, TryLater, Unsure, one_line

_PERMANENT = 500


class EmailSender:
    """The adapter of the port for e-mail."""

    def send(self, message: Message, *, before_handover: Callable[[], None]) -> None:
        """Send one mail. Raises Refused, TryLater or Unsure."""
        letter = letter_of(message)
        connection = get_connection()
        if isinstance(connection, EmailBackend):
            _by_smtp(connection, letter, message.to, before_handover)
            return
        before_handover()
        try:
            connection.send_messages([_Ready(letter, message)])
        except OSError as error:
            raise TryLater(str(error)) from error


def letter_of(message: Message) -> Letter:
    """The mail as it goes over the wire: text and HTML, pictures of the HTML beside it, then files."""
    letter = Letter()
    letter["From"] = settings.DEFAULT_FROM_EMAIL
    letter["To"] = message.to
    letter["Subject"] = one_line(message.subject)
    letter["Date"] = formatdate()
    letter["Message-ID"] = message_id(message.key)
    # Nobody's "out of office" shall answer it (RFC 3834).
    letter["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        letter[name] = one_line(value) if len(value) < 200 else value  # noqa: PLR2004 - addresses are not cut
    letter.set_content(message.text, cte="quoted-printable")
    letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
    page = letter.get_body(("html",))
    for one in message.attachments:
        major, _slash, minor = one.media_type.partition("/")
        if one.content_id:
            page.add_related(  # type: ignore[union-attr]  # it was added just now
                one.content, maintype=major, subtype=minor, cid=f"<{one.content_id}>", filename=one.name
            )
        else:
            letter.add_attachment(one.content, maintype=major, subtype=minor, filename=one.name)
    # Last, for whatever says something of the content goes with the first part.
    letter["Content-Language"] = message.language
    return letter


def message_id(key: str) -> str:
    """The Message-ID of every attempt to send the message with this key."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{key}@{domain}>"


def _by_smtp(connection: EmailBackend, letter: Letter, to: str, before_handover: Callable[[], None]) -> None:
    _open(connection)
    server = connection.connection
    if server is None:
        raise TryLater("The mail server was not reached.")
    try:
        content = letter.as_bytes(policy=letter.policy.clone(linesep="\r\n", max_line_length=998))
        sender = parseaddr(str(letter["From"]))[1]
        _envelope(server, sender, to)
        before_handover()
        _hand_over(server, content)
    finally:
        _close(connection)


def _open(connection: EmailBackend) -> None:
    """Raises TryLater: whatever goes wrong here is no fault of the recipient's."""
    try:
        connection.open()
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        raise TryLater(_told(error)) from error


def _envelope(server: smtplib.SMTP, sender: str, to: str) -> None:
    """Say from whom and to whom."""
    try:
        server.ehlo_or_helo_if_needed()
        code, answer = server.mail(sender)
        if code >= 400:  # noqa: PLR2004 - the sender is ours: no recipient is to blame
            raise TryLater(_answer(code, answer))
        code, answer = server.rcpt(to)
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(_told(error)) from error
    if code >= _PERMANENT:
        raise Refused(_answer(code, answer))
    if code >= 400:  # noqa: PLR2004 - "try again later" of RFC 5321 §4.2.1
        raise TryLater(_answer(code, answer))


def _hand_over(server: smtplib.SMTP, content: bytes) -> None:
    answer: bytes | str
    try:
        code, answer = server.data(content)
    except smtplib.SMTPDataError as error:
        # The server refused before it took anything.
        code, answer = error.smtp_code, error.smtp_error
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure(_told(error)) from error
    if code >= _PERMANENT:
        raise Refused(_answer(code, answer))
    if code >= 400:  # noqa: PLR2004 - as above
        raise TryLater(_answer(code, answer))


def _close(connection: EmailBackend) -> None:
    """Whatever happens while saying goodbye changes nothing about what was sent."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        connection.connection = None


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(f"{code} {text}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return one_line(str(error) or type(error).__name__)


class _Ready(EmailMessage):
    """A mail that is made already, for backends that take Django's own."""

    def __init__(self, letter: Letter, message: Message) -> None:
        super().__init__(subject=str(letter["Subject"]), body=message.text, to=[message.to])
        self._letter = letter

    def message(self) -> Letter:  # type: ignore[override]  # the base's own kind is a mail as well
        """The mail."""
        return self._letter
