"""The declared values. A choice among the words of an app is declared by that app."""

from django.utils.translation import gettext_lazy as _

from analyticbot.core.runtime.values import Group, Switch, Whole, declare

HISTORY = declare(
    Switch(
        key="MTPROTO_HISTORY_ENABLED",
        group=Group.COLLECTING,
        title=_("History and counters"),
        text=_("Read the posts of channels, their counters and subscribers. Off: nothing is asked of Telegram."),
    )
)
UPDATES = declare(
    Switch(
        key="MTPROTO_UPDATES_ENABLED",
        group=Group.COLLECTING,
        title=_("Live updates"),
        text=_("Follow channels as they post. Off: new posts come with the next look, minutes later."),
    )
)
STATISTICS = declare(
    Switch(
        key="MTPROTO_STATS_ENABLED",
        group=Group.COLLECTING,
        title=_("Official statistics"),
        text=_("Load Telegram's own statistics where an account may see them."),
    )
)
JOINING = declare(
    Switch(
        key="MTPROTO_JOIN_ENABLED",
        group=Group.COLLECTING,
        title=_("Join watched channels"),
        text=_("Shared accounts join the channels they watch, which makes new posts come at once."),
    )
)
EXPORTS = declare(
    Switch(
        key="EXPORT_ENABLED",
        group=Group.FEATURES,
        title=_("Exports"),
        text=_("People may take their figures out as CSV, Excel, JSON and pictures."),
    )
)
SHARED_LINKS = declare(
    Switch(
        key="SHARE_LINKS_ENABLED",
        group=Group.FEATURES,
        title=_("Shared links"),
        text=_("Strangers may see what a workspace shares. Off: every shared link is gone until it is on again."),
    )
)
ALERTS = declare(
    Switch(
        key="ALERTS_ENABLED",
        group=Group.FEATURES,
        title=_("Alerts"),
        text=_("Alerts may be sent. Nothing in this version sends any yet."),
    )
)
SIGN_UP = declare(
    Switch(
        key="SIGN_UP_OPEN",
        group=Group.FEATURES,
        title=_("Sign-up"),
        text=_("New people may make an account. Off: only those who are here can sign in."),
    )
)
RAW_DAYS = declare(
    Whole(
        key="SNAPSHOT_RAW_DAYS",
        group=Group.LIMITS,
        title=_("Readings kept one by one"),
        text=_(
            "How long after the end of a month its readings of counters stay beside the packed curves; longer where a "
            "plan in use says so. What fewer days remove does not come back."
        ),
        least=31,
        most=3_650,
        unit=_("days"),
    )
)
