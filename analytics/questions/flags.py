"""Parameters that are true or false."""

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.questions.asking import Parameters


def flag(parameters: Parameters, name: str) -> bool:
    """`true` or `false` (absent); InvalidInput otherwise."""
    text = parameters.text(name, "false")
    if text not in {"true", "false"}:
        raise InvalidInput(_("`%(name)s` must be true or false.") % {"name": name}, field=name)
    return text == "true"
