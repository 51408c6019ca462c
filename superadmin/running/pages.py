"""What the pages of a channel and of a Telegram account show."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from channels_app.models import Channel, ChannelSync, CollectionGap, CollectTask, Hold, TrackedChannel
from mtproto.models import AccountState, FloodWaitRow, PeerAccess, TelegramAccount
from superadmin.details import Detail, Fact, Table, Way, link, moment
from superadmin.people.acts import Deal
from superadmin.running.acts import ACCOUNT_DEALS, CHANNEL_DEALS
from superadmin.running.words import ACCOUNT_STATES, GAP_KINDS, HOLDS, SYNC_STATES, WORK_KINDS
from superadmin.tiers import may

# Of what is long, the page shows the newest.
_SHOWN = 20
_POOR, _FAIR = 0.5, 0.9


def channel_detail(channel: Channel, *, staff: User) -> Detail:
    """A channel: how far its collecting is, who tracks it, its work and gaps, and what `staff` may do."""
    return Detail(
        facts=_channel_facts(channel),
        tables=[_tasks(channel), _trackers(channel), _gaps(channel)],
        ways=_ways(CHANNEL_DEALS, "admin:channel-act", channel, staff=staff),
    )


def account_detail(account: TelegramAccount, *, staff: User, now: datetime) -> Detail:
    """A Telegram account: its state, who holds it, its waits and the channels it knows, and what `staff` may do."""
    return Detail(
        facts=_account_facts(account, now=now),
        tables=[_floods(account, now=now)],
        ways=_ways(ACCOUNT_DEALS, "admin:account-act", account, staff=staff),
    )


def _ways(deals: tuple[Deal, ...], url: str, subject: Any, *, staff: User) -> list[Way]:
    return [
        Way(one.title, reverse(url, args=[subject.pk, one.slug]), one.is_grave)
        for one in deals
        if may(staff, one.act) and one.fits(subject)
    ]


def _channel_facts(channel: Channel) -> list[Fact]:
    sync = ChannelSync.objects.filter(channel=channel).first()
    hold = Fact(_("State"), _("Collected"), "good")
    if channel.hold:
        told = _("%(state)s since %(when)s: %(why)s")
        values = {"state": HOLDS[Hold(channel.hold)], "when": moment(channel.held_at), "why": channel.held_for}
        hold = Fact(_("State"), told % values, "bad" if channel.hold == Hold.BLOCKED else "warn")
    facts = [
        hold,
        Fact(_("Title"), channel.title or "–"),
        Fact(_("Username"), f"@{channel.username}" if channel.username else "–"),
        Fact(_("Telegram id"), channel.tg_id or "–"),
        Fact(_("Subscribers"), channel.subscribers if channel.subscribers is not None else "–"),
        Fact(_("Known since"), moment(channel.created_at)),
    ]
    if sync is not None:
        facts += [
            Fact(_("History"), SYNC_STATES[sync.state], "bad" if sync.state == "failed" else ""),
            Fact(_("Last looked at"), moment(sync.checked_at)),
        ]
        if sync.error:
            facts.append(Fact(_("Why it failed"), f"{sync.error_code}: {sync.error}", "bad"))
    return facts


def _tasks(channel: Channel) -> Table:
    rows = CollectTask.objects.filter(channel=channel).order_by("kind")
    return Table(
        _("Work"),
        (_("Work"), _("Due"), _("Held by"), _("Failures"), _("Parked"), _("Last error")),
        [
            (
                WORK_KINDS.get(one.kind, one.kind),
                moment(one.due_at),
                one.leased_by or "–",
                one.attempts,
                moment(one.parked_at),
                one.last_error or "–",
            )
            for one in rows
        ],
        _("None."),
    )


def _trackers(channel: Channel) -> Table:
    rows = TrackedChannel.objects.filter(channel=channel).select_related("workspace", "added_by").order_by("-pk")
    return Table(
        _("Tracked by"),
        (_("Workspace"), _("As"), _("Since")),
        [
            (
                link(one.workspace.name, "admin:accounts_workspace_change", one.workspace_id),
                _("owned") if one.relation == "owned" else _("watched"),
                moment(one.created_at),
            )
            for one in rows[:_SHOWN]
        ],
        _("Nobody: nothing is collected."),
    )


def _gaps(channel: Channel) -> Table:
    rows = CollectionGap.objects.filter(channel=channel).order_by("-started_at")[:_SHOWN]
    return Table(
        _("Gaps"),
        (_("Of what"), _("From"), _("Until"), _("Why")),
        [(GAP_KINDS.get(one.kind, one.kind), moment(one.started_at), moment(one.ended_at), one.reason) for one in rows],
        _("None."),
    )


def _account_facts(account: TelegramAccount, *, now: datetime) -> list[Fact]:
    workspace = Workspace.objects.filter(pk=account.workspace_id).first() if account.workspace_id else None
    held = account.leased_until is not None and account.leased_until > now
    state = ACCOUNT_STATES[AccountState(account.state)]
    facts = [
        Fact(_("State"), state, "good" if account.state == AccountState.ACTIVE else "bad"),
        Fact(_("Telegram id"), account.tg_id),
        Fact(
            _("Collects for"),
            link(workspace.name, "admin:accounts_workspace_change", workspace.pk) if workspace else _("everybody"),
        ),
        Fact(_("Health"), health_words(account), _health_tone(account)),
        Fact(_("Held by"), account.leased_by if held else _("nobody")),
        Fact(_("Last used"), moment(account.last_used_at)),
        Fact(_("Signed in"), moment(account.created_at)),
        Fact(_("Channels it knows"), PeerAccess.objects.filter(account=account).count()),
    ]
    if account.state_reason:
        facts.insert(1, Fact(_("Why"), account.state_reason))
    return facts


def health_words(account: TelegramAccount) -> str:
    """The share of calls that went well lately, in percent; a dash before the first call."""
    return "–" if account.health is None else f"{account.health * 100:.0f} %"


def _health_tone(account: TelegramAccount) -> str:
    if account.health is None:
        return ""
    return "good" if account.health >= _FAIR else "warn" if account.health >= _POOR else "bad"


def _floods(account: TelegramAccount, *, now: datetime) -> Table:
    rows = FloodWaitRow.objects.filter(account=account).order_by("-until")[:_SHOWN]
    return Table(
        _("Flood waits"),
        (_("Method"), _("Told at"), _("Until"), _("State")),
        [
            (one.method, moment(one.noted_at), moment(one.until), _("runs") if one.until > now else _("over"))
            for one in rows
        ],
        _("None: Telegram has never asked this account to wait."),
    )
