"""Each cookie that pages set."""

from django.utils.translation import gettext as _

from accounts.legal.shape import Part, Row


def parts() -> tuple[Part, ...]:
    """The parts, in the language that is active."""
    return (
        Part(
            "short",
            _("In short"),
            (
                _(
                    "Only cookies that the pages need or that keep what you chose. None follows you, so there is "
                    "nothing to agree to."
                ),
                _("In production some names begin with __Host-, which ties them to this site alone."),
            ),
        ),
        Part("list", _("All of them"), (), _rows()),
    )


def _rows() -> tuple[Row, ...]:
    told = {
        "sessionid": _("Keeps you signed in; 14 days, less when you are away for 12 hours."),
        "csrftoken": _("Tells forms that you sent from those that others would send in your name; one year."),
        "device": _(
            "Tells that you have signed in with this browser before, so that guessing by others cannot keep you out; "
            "180 days."
        ),
        "messages": _("Carries a notice from one page to the next; gone when it has been shown."),
        "django_language": _("The language you chose; one year."),
        "theme": _("The colours you chose; one year."),
        "demo": _("That you are looking at the demo; one day."),
        "share": _("That you have given the password of a shared link; 12 hours."),
        "share_language, share_theme": _("Language and colours you chose on a shared page."),
    }
    return tuple(Row(name, text, is_code=True) for name, text in told.items())
