"""What this room keeps about people."""

from collections.abc import Iterable, Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApiToken,
    Consent,
    Invitation,
    Membership,
    OwnershipOffer,
    PersonalArchive,
    SecurityEvent,
    SentCode,
    TelegramFactor,
    TelegramIdentity,
    User,
)
from accounts.personal.keepers import Keeper, Leaving, Sheet, sheet
from analyticbot.core.models import AuditEntry
from analyticbot.core.trail.forgetting import forget_in_trail

# A name of fewer letters may be a word, or part of one.
_TELLING_LENGTH = 8
# What their rows say is who somebody is: in the trail it goes as a whole.
_DESCRIBING = frozenset(model._meta.label_lower for model in (User, TelegramIdentity, EmailAddress, SocialAccount))


def _tell(user: User) -> Iterable[Sheet]:
    yield from _who(user)
    yield from _sign_in(user)
    yield from _work(user)
    yield from _trail(user)


def _who(user: User) -> Iterable[Sheet]:
    yield sheet(
        "profile",
        _("Who you are here."),
        User.objects.filter(pk=user.pk),
        *("id", "email", "name", "language", "time_zone", "date_joined", "last_login", "is_active", "is_staff"),
        *("tier", "suspended_at", "suspended_for", "refuses_impersonation"),
    )
    emails = EmailAddress.objects.filter(user=user).order_by("pk")
    yield sheet("email_addresses", _("Your e-mail addresses."), emails, "email", "verified", "primary")
    consents = Consent.objects.filter(user=user).order_by("pk")
    yield sheet("consents", _("Documents you agreed to."), consents, "document", "version", "language", "given_at")


def _sign_in(user: User) -> Iterable[Sheet]:
    yield sheet(
        "telegram",
        _("The Telegram account you connected."),
        TelegramIdentity.objects.filter(user=user),
        *("telegram_id", "username", "name", "may_write", "connected_at", "used_at"),
    )
    yield sheet(
        "sign_in_services",
        _("Services you sign in with, and what they told of you."),
        SocialAccount.objects.filter(user=user).order_by("pk"),
        *("provider", "uid", "extra_data", "date_joined", "last_login"),
    )
    yield sheet(
        "second_factors",
        _("Your second factors, without their secrets."),
        Authenticator.objects.filter(user=user).order_by("pk"),
        *("type", "created_at", "last_used_at"),
    )
    yield sheet(
        "telegram_codes",
        _("Whether you are sent codes by Telegram, since when."),
        TelegramFactor.objects.filter(user=user),
        "created_at",
    )
    yield sheet(
        "sent_codes",
        _("When a code was last sent to you that you have not used."),
        SentCode.objects.filter(user=user),
        *("sent_at", "expires_at", "wrong"),
    )
    yield sheet(
        "sessions",
        _("Browsers you are signed in with."),
        UserSession.objects.filter(user=user).order_by("pk"),
        *("created_at", "last_seen_at", "ip", "user_agent"),
    )
    yield sheet(
        "security_events",
        _("What happened to your account."),
        SecurityEvent.objects.filter(user=user).order_by("pk"),
        *("at", "kind", "network", "device", "detail"),
    )


def _work(user: User) -> Iterable[Sheet]:
    yield sheet(
        "memberships",
        _("Workspaces you are in."),
        Membership.objects.filter(user=user).order_by("pk"),
        *("role", "created_at"),
        workspace="workspace__name",
        workspace_id="workspace__public_id",
    )
    yield sheet(
        "invitations",
        _("Invitations to your address."),
        Invitation.objects.filter(email=user.email).order_by("pk"),
        *("email", "role", "created_at", "expires_at", "accepted_at", "withdrawn_at"),
        workspace="workspace__name",
    )
    yield sheet(
        "ownership_offers",
        _("Workspaces that you were offered, or that you have offered to somebody."),
        OwnershipOffer.objects.filter(Q(owner=user) | Q(heir=user)),
        *("created_at", "expires_at"),
        workspace="workspace__name",
    )
    yield sheet(
        "api_tokens",
        _("API tokens you made, without their texts."),
        ApiToken.objects.filter(creator=user).order_by("pk"),
        *("name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"),
        *("last_used_from", "networks"),
        workspace="workspace__name",
    )
    yield sheet(
        "archives",
        _("Archives like this one that you asked for."),
        PersonalArchive.objects.filter(user=user).order_by("pk"),
        *("created_at", "language", "size", "finished_at", "expires_at", "removed_at"),
    )


def _trail(user: User) -> Iterable[Sheet]:
    entries = AuditEntry.objects.order_by("pk")
    # What others are named by in the values stays theirs: the values are told of changes to this person alone.
    yield sheet(
        "actions",
        _("Changes you made."),
        entries.filter(actor_kind="user", actor_id=user.pk),
        *("at", "action", "object_type", "object_id", "workspace_id", "request_id"),
        address="words__address",
    )
    yield sheet(
        "changes",
        _("Changes to your account."),
        entries.filter(object_type=User._meta.label_lower, object_id=str(user.pk)),
        *("at", "action", "actor_kind", "request_id"),
        before="words__before",
        after="words__after",
    )
    yield sheet(
        "staff_visits",
        _("What staff did while they looked at the service as you."),
        entries.filter(for_user_id=user.pk),
        *("at", "action", "object_type", "object_id", "workspace_id"),
    )


def _forget(leaving: Leaving) -> None:
    """What no foreign key takes along: files, invitations to their address, the words of the audit trail."""
    for archive in PersonalArchive.objects.filter(user=leaving.user):
        archive.discard()
    Invitation.objects.filter(email__in=leaving.emails).delete()
    forget_in_trail(
        leaving.user, actors=leaving.actors, texts=_telling(leaving), describing=_DESCRIBING, now=leaving.now
    )


def _telling(leaving: Leaving) -> Iterator[str]:
    """What points to this person wherever it stands, and to nobody else: no short names, which are also words."""
    yield from leaving.emails
    identity = TelegramIdentity.objects.filter(user=leaving.user).first()
    names = [leaving.user.name, *((identity.username, identity.name) if identity else ())]
    yield from (name for name in names if len(name) >= _TELLING_LENGTH)


KEEPER = Keeper(room="accounts", tell=_tell, forget=_forget)
