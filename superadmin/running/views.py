"""Doors of what is done to channels and Telegram accounts."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.models import Channel
from mtproto.models import TelegramAccount
from superadmin.people.acts import Deal
from superadmin.people.views import act_page, deal_named
from superadmin.running.acts import ACCOUNT_DEALS, CHANNEL_DEALS
from superadmin.tiers import Act, may, tier_required


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.CHANNELS_LOOK)
def channel_act(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One act on a channel: the form, and what it does."""
    deal = _allowed(request, deal_named(CHANNEL_DEALS, slug))
    channel = get_object_or_404(Channel, pk=pk)
    return act_page(request, deal, channel, back=resolve_url("admin:channels_app_channel_change", pk))


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.TELEGRAM_LOOK)
def account_act(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One act on a Telegram account: the form, and what it does."""
    deal = _allowed(request, deal_named(ACCOUNT_DEALS, slug))
    account = get_object_or_404(TelegramAccount, pk=pk)
    return act_page(request, deal, account, back=resolve_url("admin:mtproto_telegramaccount_change", pk))


def _allowed(request: HttpRequest, deal: Deal) -> Deal:
    if not may(request.user, deal.act):
        raise PermissionDenied(_("Your tier does not allow this."))
    return deal
