"""What people and the service owe each other."""

from django.utils.translation import gettext as _

from accounts.legal.shape import Part


def parts() -> tuple[Part, ...]:
    """The parts, in the language that is active."""
    return (
        Part(
            "service",
            _("The service"),
            (
                _("AnalyticBot collects what Telegram channels publish and shows statistics about it."),
                _("Numbers come with their source and their age. They may have gaps, and we show those."),
                _("AnalyticBot does not belong to Telegram."),
            ),
        ),
        Part(
            "account",
            _("Your account"),
            (
                _("One person, one account. Keep your password to yourself and your address up to date."),
                _("You are 16 or older, or whoever answers for you agrees."),
                _("You can leave at any time; what happens to your data then is on the page about privacy."),
            ),
        ),
        Part(
            "use",
            _("Fair use"),
            (
                _(
                    "Follow the law and Telegram's terms. Connect only Telegram accounts and channels that are yours "
                    "to connect."
                ),
                _(
                    "Do not send reports to people who do not want them, do not go around limits, do not disturb "
                    "others."
                ),
                _("Statistics of public channels may be used and shown freely; a link back is kind."),
            ),
        ),
        Part(
            "yours",
            _("What is yours"),
            (
                _(
                    "What you write and bring in stays yours. We use it to run the service for you, and for nothing "
                    "else."
                ),
                _("A workspace belongs to its owners. What you made in it stays there when you leave it."),
            ),
        ),
        Part(
            "end",
            _("When we step in"),
            (
                _("Who breaks these terms may be suspended. We say why, and you can object by writing to us."),
                _("Should the service end, you are told 30 days before, and can take your data along."),
            ),
        ),
        Part(
            "liability",
            _("What we answer for"),
            (
                _(
                    "The service is given as it is. We answer for intent and gross negligence, and where the law says "
                    "we must."
                ),
                _("Decisions you take by the numbers are yours."),
            ),
        ),
    )
