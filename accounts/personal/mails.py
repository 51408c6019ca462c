"""What is mailed about a person's data."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Erasure, User
from accounts.personal.links import address_of


def send_erasure_mail(user: User, row: Erasure) -> None:
    """Tell a person when their account will be erased and how to take that back; raises what sending raises."""
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        context = {
            "email": user.email,
            "erase_at": row.erase_at,
            "take_back": address_of(row),
            "language": user.language,
            "site": settings.SITE_URL,
        }
        letter = EmailMultiAlternatives(
            subject=_("Your account will be deleted"),
            body=render_to_string("mail/erasure.txt", context).strip() + "\n",
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated", "Content-Language": user.language},
        )
        letter.attach_alternative(render_to_string("mail/erasure.html", context), "text/html")
        letter.send()
