"""The form that changes the address of an account."""

from allauth.account.forms import AddEmailForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest


class ChangeAddressForm(AddEmailForm):  # type: ignore[misc]  # allauth is untyped
    """allauth's, which would drop the present address before its successor is confirmed if it never was itself."""

    def save(self, request: HttpRequest) -> EmailAddress:
        """Let the address wait to be confirmed, in place of others that wait; mail its link."""
        waiting = EmailAddress.objects.filter(user=self.user, verified=False).exclude(email=self.user.email)
        with transaction.atomic():
            waiting.delete()
            address = EmailAddress.objects.create(user=self.user, email=self.cleaned_data["email"])
        send_verification_email_to_address(request, address)
        return address
