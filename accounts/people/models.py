"""Invitations into a workspace, and its offered handing over."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analyticbot.core.work import DueWork


class Invitation(DueWork):
    """An offer of a role to whoever owns an address. It is due while its mail has not been sent.

    The link is made when the mail is: nothing that could be followed stands in the database, and each mail ends the
    link of the one before.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="invitations")
    # In lower case.
    email = models.EmailField()
    role = models.CharField(max_length=10)
    inviter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # The mail's; the invited person's own language is not known.
    language = models.CharField(max_length=5)
    # SHA-256 of the secret in the link that was sent last; null before the first mail.
    digest = models.CharField(max_length=64, unique=True, null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_once",
            ),
            models.CheckConstraint(condition=Q(role__in=["admin", "analyst", "viewer"]), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True), name="invitation_ends_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="invitation_due",
                condition=Q(due_at__isnull=False, parked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.workspace_id}"


class OwnershipOffer(models.Model):
    """The offer of an owner to hand a workspace over to one of its members; one at a time."""

    workspace = models.OneToOneField(
        "accounts.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="ownership_offer"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    heir = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("heir")), name="ownership_offer_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id} to {self.heir_id}"
