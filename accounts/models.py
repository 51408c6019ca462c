"""Users, workspaces, memberships and API tokens."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Create a user; the e-mail is stored in lower case. No password: none can sign in with one."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Create a Super Admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, tier=Tier.SUPER_ADMIN, **extra)


class Tier(models.IntegerChoices):
    """What somebody is among those who run the service; each includes the ones below it."""

    NONE = 0, _("No staff")
    SUPPORT = 1, _("Support")
    MODERATOR = 2, _("Moderator")
    ADMIN = 3, _("Admin")
    SUPER_ADMIN = 4, _("Super Admin")


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=60, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    # Whoever has a tier is staff (`is_staff`); the SuperAdmin panel asks for the tier only.
    tier = models.PositiveSmallIntegerField(choices=Tier, default=Tier.NONE)
    # Since when and why staff has shut this person out (`is_active` is false as well).
    suspended_at = models.DateTimeField(null=True)
    suspended_for = models.CharField(max_length=200, blank=True, default="")
    # They do not want staff to look at the service as them.
    refuses_impersonation = models.BooleanField(default=False)
    # Sessions carry it; raising it ends all that there are (`accounts.sessions.ending`).
    session_epoch = models.PositiveIntegerField(default=0)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(tier=0) | Q(tier__lte=4, is_staff=True), name="user_tier_is_staff"),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True) | Q(is_active=False), name="user_suspended_is_inactive"
            ),
        ]
        indexes = [
            # Lists of the staff: who is staff, who is suspended, newest first.
            models.Index(fields=["-id"], name="user_is_staff", condition=Q(tier__gt=0)),
            models.Index(fields=["-id"], name="user_is_suspended", condition=Q(suspended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to be believed: it changes with the password and with the epoch."""
        by_password: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # the stubs leave it out
        if not self.session_epoch:
            return by_password
        told = f"{by_password}:{self.session_epoch}"
        return salted_hmac("accounts.User.session_epoch", told, secret, algorithm="sha256").hexdigest()


class Role(models.TextChoices):
    """What a member may do; each includes the ones below it."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    ANALYST = "analyst", _("Analyst")
    VIEWER = "viewer", _("Viewer")


def open_workspace(path: str = "") -> Q:
    """Workspaces that work: neither deleted nor shut by staff. `path` leads to the workspace: ``workspace__``."""
    return Q(**{f"{path}deleted_at__isnull": True, f"{path}suspended_at__isnull": True})


class Workspace(models.Model):
    """The tenant: people, channels, plan, tokens and reports hang on it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    created_at = models.DateTimeField()
    # When somebody put the list of first steps away; the steps themselves are facts and are not kept.
    steps_hidden_at = models.DateTimeField(null=True)
    # Shown to everybody, read-only, where PUBLIC_DEMO is on.
    is_demo = models.BooleanField(default=False)
    # Since when and why staff has shut this workspace.
    suspended_at = models.DateTimeField(null=True)
    suspended_for = models.CharField(max_length=200, blank=True, default="")
    # Since when nobody may act in it without a second factor; None: each as they like.
    factor_required_at = models.DateTimeField(null=True)
    # Since when its owner has deleted it: nobody sees it any more, but it can still be brought back.
    deleted_at = models.DateTimeField(null=True)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="workspace_has_a_name"),
            models.UniqueConstraint("is_demo", condition=Q(is_demo=True), name="workspace_one_demo"),
        ]
        indexes = [
            # Deleted ones whose time is over.
            models.Index(fields=["deleted_at"], name="workspace_deleted", condition=Q(deleted_at__isnull=False)),
            # Lists of the staff: suspended ones, and those whose name begins with something.
            models.Index(fields=["-id"], name="workspace_is_suspended", condition=Q(suspended_at__isnull=False)),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="workspace_name_begins"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it works, as `open_workspace` has it."""
        return self.deleted_at is None and self.suspended_at is None


class Membership(models.Model):
    """A person in a workspace, with a role."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField()
    # When the person last switched to it: the one of the latest is where their next session begins.
    chosen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workspace_id} as {self.role}"


class ApiToken(models.Model):
    """A key for programs. Only its SHA-256 is kept; it is shown once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tokens")
    creator = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Networks (CIDR) it may come from; none: from everywhere.
    networks = ArrayField(models.CharField(max_length=43), default=list)
    last_used_at = models.DateTimeField(null=True)
    # From where, shortened to a network as `accounts.places` has it.
    last_used_from = models.CharField(max_length=43, blank=True, default="")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="token_expires_after_creation"
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_has_a_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


from accounts.event_models import EventKind, SecurityEvent  # noqa: E402 - Django looks for models here
from accounts.factors.models import SentCode, TelegramFactor  # noqa: E402
from accounts.people.models import Invitation, OwnershipOffer  # noqa: E402
from accounts.personal.models import Consent, Erasure, PersonalArchive  # noqa: E402
from accounts.telegram.models import TelegramIdentity  # noqa: E402

__all__ = [
    "ApiToken",
    "Consent",
    "Erasure",
    "EventKind",
    "Invitation",
    "Membership",
    "OwnershipOffer",
    "PersonalArchive",
    "Role",
    "SecurityEvent",
    "SentCode",
    "TelegramFactor",
    "TelegramIdentity",
    "Tier",
    "User",
    "UserManager",
    "Workspace",
    "open_workspace",
]
