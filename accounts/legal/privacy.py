"""What is kept about people, why, for how long, and what they can do about it."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.legal.shape import Part, Row, Words


def parts() -> tuple[Part, ...]:
    """The parts, in the language that is active."""
    return (
        Part("short", _("In short"), _in_short()),
        Part("who", _("Who is responsible"), _who()),
        Part("kept", _("What we keep, why, and for how long"), (), _kept()),
        Part("channels", _("Data of Telegram channels"), _channels()),
        Part("visitors", _("Visitors of shared links"), _visitors()),
        Part("others", _("Who else gets it"), _others()),
        Part("safe", _("How it is protected"), _protected()),
        Part("rights", _("What you can do"), _rights()),
        Part("changes", _("Changes"), _changes()),
    )


def _in_short() -> tuple[Words, ...]:
    return (
        _("We keep what your account needs to work, and nothing to follow you around."),
        _("There is no advertising, no tracking by others, and we sell nothing about you."),
        _("You can take everything with you and delete your account by yourself, at any time."),
    )


def _who() -> tuple[Words, ...]:
    name = settings.OPERATOR_NAME or _("Whoever runs this installation")
    told: list[Words] = [
        _("%(name)s decides about the data kept here. Write to %(email)s.")
        % {"name": name, "email": settings.OPERATOR_EMAIL}
    ]
    if settings.STORAGE_PLACE:
        told.append(_("The data is stored in: %(place)s.") % {"place": settings.STORAGE_PLACE})
    return tuple(told)


def _kept() -> tuple[Row, ...]:
    return (
        Row(
            _("Account"),
            _(
                "E-mail address, name, language, time zone, when you signed up and last signed in; as long as you "
                "have it."
            ),
        ),
        Row(
            _("Sign-in"),
            _(
                "Your password as a hash that cannot be turned back, second factors sealed, accounts of Telegram or "
                "other services that you connect; as long as you have them."
            ),
        ),
        Row(
            _("Sessions"),
            _(
                "Network address and kind of browser of each session, so that you can end it; until it ends, 14 days "
                "at most."
            ),
        ),
        Row(
            _("Security events"),
            _(
                "Sign-ins, refusals and changes of your account with a shortened network address and the kind of "
                "browser; for a year."
            ),
        ),
        Row(
            _("Your work"),
            _(
                "Workspaces, channels you follow, notes, saved filters, reports and their recipients, shared links, "
                "API "
                "tokens (as a hash); until you or your workspace remove them."
            ),
        ),
        Row(
            _("Telegram accounts that collect"),
            _("If you connect one: its number and its session, sealed; until you sign it out."),
        ),
        Row(
            _("Files you ask for"),
            _("Exports, reports and archives of your data; 72 hours."),
        ),
        Row(
            _("Trail of changes"),
            _(
                "Who changed what and when, with the network address. It cannot be altered; when you are erased, your "
                "name, address and all words about you are removed from it, and a number remains."
            ),
        ),
        Row(
            _("Logs"),
            _(
                "Which page was asked for, when, and how long it took; of security events the number of the account "
                "and a shortened network address. No names, no contents."
            ),
        ),
        Row(
            _("Limits"),
            _("How often an address or account has asked, so that nobody guesses passwords; a day at most."),
        ),
        Row(
            _("Consents"),
            _("Which version of which document you agreed to, and when; as long as you have the account."),
        ),
    )


def _channels() -> tuple[Words, ...]:
    return (
        _(
            "We collect what channels publish on Telegram: posts, their counters, and the authors' signatures that "
            "channels show. We do not collect who reads or follows a channel."
        ),
        _(
            "Statistics that Telegram shows to admins only are seen by the workspaces that own the channel, and no "
            "other."
        ),
    )


def _visitors() -> tuple[Words, ...]:
    return (
        _(
            "Of a visit to a shared page we count the hour, the site it came from, the kind of browser and the "
            "language; 400 days. No address, and nothing that tells one visitor from another after half an hour."
        ),
    )


def _others() -> tuple[Words, ...]:
    return (
        _(
            "Nobody, but where you ask for it: Telegram or another service when you sign in with it, recipients of "
            "your reports, people of your workspace."
        ),
        _("A mail server brings our mails to you. Pages load nothing from other sites."),
        _("Staff can look at an account to help, with a reason that is recorded; you are told, and you can forbid it."),
    )


def _protected() -> tuple[Words, ...]:
    return (
        _(
            "Connections over the internet are encrypted. Telegram sessions, second factors and other keys are sealed "
            "in the database."
        ),
        _(
            "Should your data ever get into wrong hands, we tell you and the authorities within 72 hours of learning "
            "of it."
        ),
    )


def _rights() -> tuple[Words, ...]:
    return (
        _(
            "See and take along: “Your data” in the settings makes a file with everything we keep about you, as JSON "
            "and CSV."
        ),
        _("Correct: name, language, time zone and addresses are changed in the settings."),
        _(
            "Delete: “Delete your account” closes it at once and erases it after 14 days; until then you can take it "
            "back. Backups forget you within 35 days after that."
        ),
        _(
            "Ask or object: write to us, and you have an answer within a month. You may also complain to the "
            "authority for data protection where you live."
        ),
    )


def _changes() -> tuple[Words, ...]:
    return (_("When this page changes in meaning, it gets a new date and we tell you when you sign in next."),)
