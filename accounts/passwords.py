"""Which passwords are refused: those that a guesser with a list of leaked ones would find, and no others.

No rules of composition: they make passwords harder to remember and not harder to guess (NIST SP 800-63B §3.1.1.2).
"""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

# A list of leaked passwords begins with the commonest; the bar is the length of those that everybody has.
FEWEST_GUESSES = 10_000
# The estimate takes longer than linear time; what is longer than this is not found by a list.
_LONGEST_ESTIMATED = 40


class GuessablePasswordValidator(CommonPasswordValidator):
    """Refuses what Django's list of common passwords holds, or what takes fewer than FEWEST_GUESSES guesses."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with one sentence that says what to do."""
        try:
            super().validate(password, user)
        except ValidationError:
            raise self._refusal() from None
        if len(password) <= _LONGEST_ESTIMATED and guesses_for(password, known=_known_words(user)) < FEWEST_GUESSES:
            raise self._refusal()

    def get_help_text(self) -> str:
        """What the form says beforehand."""
        return _("Not one that others use as well: a few words that have nothing to do with each other are best.")

    @staticmethod
    def _refusal() -> ValidationError:
        return ValidationError(
            _("This password is among the first that somebody would try. Choose another, for instance three words."),
            code="password_guessable",
        )


def guesses_for(password: str, *, known: list[str]) -> int:
    """How many guesses somebody with lists of words, names and patterns needs, who knows the words `known`."""
    return int(zxcvbn(password, user_inputs=known)["guesses"])


def _known_words(user: Any) -> list[str]:
    """What an attacker knows anyway."""
    email, name = str(getattr(user, "email", "") or ""), str(getattr(user, "name", "") or "")
    return [word for word in (email, *email.replace("@", ".").split("."), *name.split(), "analyticbot") if word]
