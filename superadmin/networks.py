"""From where the panel may be opened: a list of networks, empty while everywhere is allowed.

The address is the one our own proxies tell (`analyticbot.core.address`): nothing that a client writes itself counts.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from analyticbot.core.address import client_address
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict
from analyticbot.core.networks import lies_in, network_from
from superadmin.models import AllowedNetwork

MOST_NETWORKS = 100


def may_open_from(request: HttpRequest) -> bool:
    """Whether the panel may be opened from where this request comes; one read of a short table."""
    return _lies_in(client_address(request), list(AllowedNetwork.objects.all()))


@transaction.atomic
def allow_network(
    network: str, *, note: str, seen_from: str | None, added_by: User | None, actor: Actor, now: datetime
) -> AllowedNetwork:
    """Put a network (CIDR, or a single address) on the list.

    `seen_from`: the address of who asks, which must stay allowed; None for the command line, which is no address.
    Raises InvalidInput (network) and Conflict (already there, `locks_out`, too many).
    """
    text = network_from(network, field="network")
    rows = _locked_rows()
    if any(row.network == text for row in rows):
        raise Conflict(_("This network is allowed already."), code="already_allowed")
    if len(rows) >= MOST_NETWORKS:
        raise Conflict(_("No more than %(most)s networks can be allowed.") % {"most": MOST_NETWORKS})
    row = AllowedNetwork(network=text, note=note.strip()[:80], added_by=added_by, added_at=now)
    _keep_open(seen_from, [*rows, row])
    row.save()
    after = {"network": row.network, "note": row.note}
    record_audit(AuditAction.NETWORK_ADDED, row, actor=actor, now=now, after=after)
    return row


@transaction.atomic
def remove_network(row: AllowedNetwork, *, seen_from: str | None, actor: Actor, now: datetime) -> None:
    """Take a network off the list. Raises Conflict (`locks_out`) if who asks could then not open the panel."""
    _keep_open(seen_from, [one for one in _locked_rows() if one.pk != row.pk])
    record_audit(AuditAction.NETWORK_REMOVED, row, actor=actor, now=now, before={"network": row.network})
    row.delete()


def _locked_rows() -> list[AllowedNetwork]:
    """The list, held until the change is made: two removals at a time could lock somebody out together."""
    return list(AllowedNetwork.objects.select_for_update().order_by("pk"))


def _keep_open(seen_from: str | None, rows: list[AllowedNetwork]) -> None:
    if seen_from is not None and not _lies_in(seen_from, rows):
        raise Conflict(_("This would lock you out: your own address would not be allowed."), code="locks_out")


def _lies_in(address: str, rows: Iterable[AllowedNetwork]) -> bool:
    networks = [row.network for row in rows]
    return not networks or lies_in(address, networks)
