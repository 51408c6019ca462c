"""What staff can do to a channel and to a Telegram account, each declared once."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import user_actor
from channels_app.holds import hold_channel, resync_channel
from channels_app.models import Hold
from mtproto.accounts import disable_account, enable_account, free_account
from mtproto.models import AccountState
from mtproto.sign_in import sign_out_account
from superadmin.people.acts import Deal, Doing
from superadmin.people.forms import NoForm, ReasonForm
from superadmin.tiers import Act


def _hold(doing: Doing, hold: str) -> None:
    hold_channel(doing.subject, hold=hold, actor=user_actor(doing.staff), now=doing.now, **doing.given)


def _pause(doing: Doing) -> str:
    _hold(doing, Hold.PAUSED)
    return _("Paused. Nothing more is asked of Telegram about it.")


def _block(doing: Doing) -> str:
    _hold(doing, Hold.BLOCKED)
    return _("Blocked. Nobody sees it any more, and nobody can add it.")


def _go_on(doing: Doing) -> str:
    _hold(doing, "")
    return _("It goes on.")


def _resync(doing: Doing) -> str:
    resync_channel(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return _("Due at once. What is new shows within a minute, if an account can reach it.")


CHANNEL_DEALS: tuple[Deal, ...] = (
    Deal(
        slug="resync",
        act=Act.CHANNELS_RESYNC,
        title=gettext_lazy("Look anew"),
        says=gettext_lazy("Reads what is new at once, also where collecting had been given up. Nothing is read twice."),
        form=NoForm,
        run=_resync,
        fits=lambda channel: not channel.hold,
    ),
    Deal(
        slug="pause",
        act=Act.CHANNELS_PAUSE,
        title=gettext_lazy("Pause"),
        says=gettext_lazy(
            "Nothing more is asked of Telegram about this channel. What is stored stays and is shown; "
            "the time of the pause becomes a gap in its charts."
        ),
        form=ReasonForm,
        run=_pause,
        fits=lambda channel: not channel.hold,
    ),
    Deal(
        slug="go-on",
        act=Act.CHANNELS_PAUSE,
        title=gettext_lazy("Go on"),
        says=gettext_lazy("Collecting goes on where it stood."),
        form=ReasonForm,
        run=_go_on,
        fits=lambda channel: channel.hold == Hold.PAUSED,
    ),
    Deal(
        slug="block",
        act=Act.CHANNELS_BLOCK,
        title=gettext_lazy("Block"),
        says=gettext_lazy(
            "No workspace and no shared link shows this channel any more, nobody can add it, and nothing is collected. "
            "What is stored stays, in case you unblock it."
        ),
        form=ReasonForm,
        run=_block,
        fits=lambda channel: channel.hold != Hold.BLOCKED,
        is_grave=True,
    ),
    Deal(
        slug="unblock",
        act=Act.CHANNELS_BLOCK,
        title=gettext_lazy("Unblock"),
        says=gettext_lazy("Whoever tracked it sees it again, and collecting goes on."),
        form=ReasonForm,
        run=_go_on,
        fits=lambda channel: channel.hold == Hold.BLOCKED,
    ),
)


def _disable(doing: Doing) -> str:
    disable_account(doing.subject, actor=user_actor(doing.staff), now=doing.now, **doing.given)
    return _("Out of use. Its session is kept.")


def _enable(doing: Doing) -> str:
    enable_account(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return _("In use again.")


def _free(doing: Doing) -> str:
    free_account(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return _("Free. The next process that looks for an account can take it.")


def _sign_out(doing: Doing) -> str:
    sign_out_account(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return _("Signed out at Telegram; its session is deleted here.")


ACCOUNT_DEALS: tuple[Deal, ...] = (
    Deal(
        slug="use",
        act=Act.TELEGRAM_CHANGE,
        title=gettext_lazy("Use again"),
        says=gettext_lazy("The collector may take this account from now on."),
        form=NoForm,
        run=_enable,
        fits=lambda account: account.state == AccountState.DISABLED and account.session is not None,
    ),
    Deal(
        slug="release",
        act=Act.TELEGRAM_CHANGE,
        title=gettext_lazy("Take its lease away"),
        says=gettext_lazy("Whoever holds the account stops within seconds, and it is free for another process."),
        form=NoForm,
        run=_free,
        fits=lambda account: bool(account.leased_by),
    ),
    Deal(
        slug="disable",
        act=Act.TELEGRAM_CHANGE,
        title=gettext_lazy("Take out of use"),
        says=gettext_lazy("Nothing is collected through this account any more. It stays signed in."),
        form=ReasonForm,
        run=_disable,
        fits=lambda account: account.state == AccountState.ACTIVE,
    ),
    Deal(
        slug="sign-out",
        act=Act.TELEGRAM_SIGN_IN,
        title=gettext_lazy("Sign out"),
        says=gettext_lazy(
            "Ends the session at Telegram and deletes its key here. To collect with this account again, sign in anew."
        ),
        form=NoForm,
        run=_sign_out,
        fits=lambda account: account.session is not None,
        confirms=True,
        is_grave=True,
    ),
)
