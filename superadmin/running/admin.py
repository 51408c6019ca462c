"""Lists of channels, Telegram accounts, exports, reports and what was done."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analyticbot.core.models import AuditEntry
from analytics.exports.models import ExportFile
from analytics.reports.models import ReportFile
from channels_app.models import Channel, Hold
from mtproto.models import AccountState, TelegramAccount
from superadmin.details import Detail, link, moment
from superadmin.listing import key_in
from superadmin.people.admin import Detailed, Plain, Standing
from superadmin.running.audit import entry_detail, find_entries
from superadmin.running.pages import account_detail, channel_detail, health_words
from superadmin.running.words import ACCOUNT_STATES, HOLDS, SYNC_STATES
from superadmin.site import site
from superadmin.tiers import Act


class _ChannelState(Standing):
    conditions = (
        ("paused", HOLDS[Hold.PAUSED], Q(hold=Hold.PAUSED)),
        ("blocked", HOLDS[Hold.BLOCKED], Q(hold=Hold.BLOCKED)),
        ("failed", SYNC_STATES["failed"], Q(sync__state="failed")),
    )


@admin.register(Channel, site=site)
class ChannelListing(Detailed):
    """Channels of Telegram."""

    look_act = Act.CHANNELS_LOOK
    about = _("Every channel once, however many workspaces track it. Search by @username, Telegram id or id.")
    heading = _("Channels")
    list_display = ("called", "entitled", "followers", "history", "state", "known")
    list_select_related = ("sync",)
    list_filter = (_ChannelState,)
    search_fields = ("username",)
    search_help_text = _("@username, Telegram id or id")

    def find(self, rows: "QuerySet[Channel]", term: str) -> "QuerySet[Channel]":
        """By the beginning of the username, or by either id."""
        key = key_in(term)
        if key is not None:
            return rows.filter(Q(tg_id=key) | Q(pk=key))
        name = term.removeprefix("https://").removeprefix("t.me/").removeprefix("@")
        return rows.filter(username__startswith=name.lower())

    def detail(self, row: Channel, *, staff: User) -> Detail:
        """A channel."""
        return channel_detail(row, staff=staff)

    @admin.display(description=_("Channel"))
    def called(self, row: Channel) -> str:
        """Its name in addresses."""
        return f"@{row.username}" if row.username else str(row.tg_id or row.pk)

    @admin.display(description=_("Title"))
    def entitled(self, row: Channel) -> str:
        """What it calls itself."""
        return row.title or "–"

    @admin.display(description=_("Subscribers"))
    def followers(self, row: Channel) -> str:
        """As last counted."""
        return "–" if row.subscribers is None else f"{row.subscribers:,}"

    @admin.display(description=_("History"))
    def history(self, row: Channel) -> str:
        """How far its history is."""
        sync = getattr(row, "sync", None)
        return str(SYNC_STATES[sync.state]) if sync else "–"

    @admin.display(description=_("State"))
    def state(self, row: Channel) -> str:
        """The operator's word."""
        return str(HOLDS[Hold(row.hold)]) if row.hold else str(_("Collected"))

    @admin.display(description=_("Known since"))
    def known(self, row: Channel) -> str:
        """When it was first named."""
        return moment(row.created_at)


class _AccountState(Standing):
    conditions = tuple((state.value, ACCOUNT_STATES[state], Q(state=state)) for state in AccountState)


@admin.register(TelegramAccount, site=site)
class AccountListing(Detailed):
    """Telegram accounts that collect."""

    look_act = Act.TELEGRAM_LOOK
    about = _("Accounts that read channels. Their sessions are sealed and shown nowhere.")
    ways = ((_("Sign an account in"), "admin:telegram-sign-in", Act.TELEGRAM_SIGN_IN),)
    heading = _("Telegram accounts")
    list_display = ("named", "telegram_id", "in_state", "health_score", "holder", "used")
    list_filter = (_AccountState,)
    search_fields = ("tg_id",)
    search_help_text = _("Telegram id or id")

    def find(self, rows: "QuerySet[TelegramAccount]", term: str) -> "QuerySet[TelegramAccount]":
        """By either id."""
        key = key_in(term) or 0
        return rows.filter(Q(tg_id=key) | Q(pk=key))

    def detail(self, row: TelegramAccount, *, staff: User) -> Detail:
        """An account."""
        return account_detail(row, staff=staff, now=timezone.now())

    @admin.display(description=_("Name"))
    def named(self, row: TelegramAccount) -> str:
        """How it is called here."""
        return row.label

    @admin.display(description=_("Telegram id"))
    def telegram_id(self, row: TelegramAccount) -> str:
        """Its number at Telegram."""
        return str(row.tg_id)

    @admin.display(description=_("State"))
    def in_state(self, row: TelegramAccount) -> str:
        """Whether it can be used."""
        return str(ACCOUNT_STATES[AccountState(row.state)])

    @admin.display(description=_("Health"))
    def health_score(self, row: TelegramAccount) -> str:
        """How many of its calls go well."""
        return health_words(row)

    @admin.display(description=_("Held by"))
    def holder(self, row: TelegramAccount) -> str:
        """The process that makes its calls."""
        held = row.leased_until is not None and row.leased_until > timezone.now()
        return row.leased_by if held else str(_("nobody"))

    @admin.display(description=_("Last used"))
    def used(self, row: TelegramAccount) -> str:
        """When it was last leased."""
        return moment(row.last_used_at)


class _FileState(Standing):
    conditions = (
        ("waiting", _("Waits"), Q(due_at__isnull=False, parked_at__isnull=True, finished_at__isnull=True)),
        ("parked", _("Failed"), Q(parked_at__isnull=False)),
        ("ready", _("Ready"), Q(finished_at__isnull=False, removed_at__isnull=True)),
    )


class _Files(Plain):
    """Files that people asked for. What is in them is theirs: only how they fare is shown."""

    look_act = Act.FILES_LOOK
    list_select_related = ("workspace",)
    list_filter = (_FileState,)
    search_fields = ("pk",)
    search_help_text = _("Id")

    def find(self, rows: "QuerySet[Any]", term: str) -> "QuerySet[Any]":
        """By key."""
        return rows.filter(pk=key_in(term) or 0)

    @admin.display(description=_("Id"))
    def number(self, row: Any) -> int:
        """Its key."""
        return int(row.pk)

    @admin.display(description=_("Workspace"))
    def of_workspace(self, row: Any) -> str:
        """Whose."""
        return link(row.workspace.name, "admin:accounts_workspace_change", row.workspace_id)

    @admin.display(description=_("Asked"))
    def asked(self, row: Any) -> str:
        """When."""
        return moment(row.created_at)

    @admin.display(description=_("State"))
    def standing(self, row: Any) -> str:
        """How far it is."""
        return str(row.state(now=timezone.now()).label)

    @admin.display(description=_("Size"))
    def weight(self, row: Any) -> str:
        """In bytes, as people say them."""
        from django.template.defaultfilters import filesizeformat

        return filesizeformat(row.size) if row.size is not None else "–"

    @admin.display(description=_("Failures"))
    def failures(self, row: Any) -> int:
        """How often it was tried in vain."""
        return int(row.attempts)


@admin.register(ExportFile, site=site)
class ExportListing(_Files):
    """Exports."""

    about = _("Exports of figures, newest first. Their files cannot be opened from here.")
    heading = _("Exports")
    list_display = ("number", "of_workspace", "about_what", "in_format", "standing", "weight", "failures", "asked")

    @admin.display(description=_("What"))
    def about_what(self, row: ExportFile) -> str:
        """Which question or table."""
        return row.what

    @admin.display(description=_("Format"))
    def in_format(self, row: ExportFile) -> str:
        """What kind of file."""
        return row.get_format_display()


@admin.register(ReportFile, site=site)
class ReportListing(_Files):
    """Reports."""

    about = _("Reports that were asked for, newest first. Their files cannot be opened from here.")
    heading = _("Reports")
    list_display = ("number", "of_workspace", "of_kind", "standing", "weight", "failures", "asked")

    @admin.display(description=_("Kind"))
    def of_kind(self, row: ReportFile) -> str:
        """Report or media kit."""
        return row.get_kind_display()


class _ActorKind(Standing):
    title = _("By")
    parameter_name = "by"
    conditions = (
        ("user", _("People"), Q(actor_kind="user")),
        ("token", _("API tokens"), Q(actor_kind="token")),
        ("system", _("the system"), Q(actor_kind="system")),
        ("as", _("staff as somebody else"), Q(for_user_id__isnull=False)),
    )


@admin.register(AuditEntry, site=site)
class AuditListing(Detailed):
    """What was done."""

    look_act = Act.AUDIT_LOOK
    about = _(
        "Every change, newest first; rows are only added. Search by id, e-mail address of who acted, workspace:12, "
        "channels_app.channel:5, an action as it is written here, or a request id."
    )
    ways = (
        (_("Verify the trail"), "admin:audit-verify", Act.AUDIT_VERIFY),
        (_("Export as CSV"), "admin:audit-export", Act.AUDIT_EXPORT),
    )
    heading = _("Audit trail")
    list_display = ("when", "who", "did", "subject", "of_workspace", "by_request")
    list_filter = (_ActorKind,)
    search_fields = ("pk",)
    search_help_text = _("Who, what or where")

    def find(self, rows: "QuerySet[AuditEntry]", term: str) -> "QuerySet[AuditEntry]":
        """What the term means."""
        return find_entries(rows, term)

    def detail(self, row: AuditEntry, *, staff: User) -> Detail:  # noqa: ARG002 - who may look, may look at all
        """A row with its values."""
        return entry_detail(row)

    @admin.display(description=_("When"))
    def when(self, row: AuditEntry) -> str:
        """To the second."""
        from django.utils.timezone import localtime

        return f"{localtime(row.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("Who"))
    def who(self, row: AuditEntry) -> str:
        """Who it was."""
        return row.actor_label or f"{row.actor_kind} {row.actor_id or ''}"

    @admin.display(description=_("Did"))
    def did(self, row: AuditEntry) -> str:
        """The action, as it is searched for."""
        return row.action

    @admin.display(description=_("Workspace"))
    def of_workspace(self, row: AuditEntry) -> str:
        """Its number."""
        return str(row.workspace_id or "–")

    @admin.display(description=_("Request"))
    def by_request(self, row: AuditEntry) -> str:
        """Its id, which is in the log lines as well."""
        return row.request_id or "–"

    @admin.display(description=_("To"))
    def subject(self, row: AuditEntry) -> str:
        """The object."""
        return f"{row.object_type} {row.object_id}"
