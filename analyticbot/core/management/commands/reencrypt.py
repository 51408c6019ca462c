"""``manage.py reencrypt``: seal every stored secret anew under the newest key of ENC_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyticbot.core.resealing import reseal_all


class Command(BaseCommand):
    """Goes through every sealed column; safe to repeat and to interrupt.

    Add the new key in front of ENC_KEYS, restart all processes, run this, then move the old key to AUDIT_KEYS (behind
    the one that signs now), which goes on proving the audit trail with it.
    """

    help = "Seal every stored secret anew under the newest key of ENC_KEYS."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rotate; CommandError names the rows that do not open, after all others are done."""
        done = reseal_all()
        self.stdout.write(f"{done.count} secrets sealed anew.")
        if done.unreadable:
            raise CommandError("These secrets do not open:\n" + "\n".join(done.unreadable))
