"""Doors of the queues: thin, keyword-only, idempotent. What is to be done stands in rows; a lost task loses nothing."""

from celery import shared_task

from channels_app.cells import recompute_dirty_cells
from channels_app.collect.invariant import check_due_cells
from channels_app.collect.schedule import MTPROTO_KINDS_BY_QUEUE, enabled_kinds
from channels_app.collect.session import utc_now
from channels_app.collect.slices import work_slice
from channels_app.collect.sweep import heal, sweep
from channels_app.importing import run_due_imports
from channels_app.importing.uploads import remove_finished
from channels_app.keeping import drop_old_curves
from channels_app.packing.months import schedule_months, work_on_months
from channels_app.partitions import ensure_partitions
from channels_app.reach import keep_reach


@shared_task(name="channels_app.collect", queue="sync")
def collect() -> int:
    """Carry out due history, polls and facts through a free account."""
    return work_slice(kinds=enabled_kinds(MTPROTO_KINDS_BY_QUEUE["sync"]))


@shared_task(name="channels_app.load_statistics", queue="statistics")
def load_statistics() -> int:
    """Load due official statistics through a free account."""
    return work_slice(kinds=enabled_kinds(MTPROTO_KINDS_BY_QUEUE["statistics"]))


@shared_task(name="channels_app.sweep", queue="default")
def sweep_due_work() -> int:
    """Ring for due work that nobody holds."""
    return sweep()


@shared_task(name="channels_app.heal", queue="default")
def heal_schedule() -> None:
    """Schedule what lacks its rows and open gaps for what is overdue."""
    heal(now=utc_now())


@shared_task(name="channels_app.keep_partitions", queue="default")
def keep_partitions() -> int:
    """Make the partitions of the months ahead, and give each month its row of work."""
    now = utc_now()
    return len(ensure_partitions(now)) + schedule_months(now=now)


@shared_task(name="channels_app.pack_snapshots", queue="default")
def pack_snapshots() -> int:
    """Pack the closed posts of due months, and drop the months that are packed and long past."""
    return work_on_months(clock=utc_now)


@shared_task(name="channels_app.recompute_cells", queue="default")
def recompute_cells() -> int:
    """Compute cells that late readings fell into."""
    return recompute_dirty_cells()


@shared_task(name="channels_app.keep_reach", queue="default")
def keep_reach_of_posts() -> int:
    """Keep what tells the reach of posts that are past all ages."""
    return keep_reach(now=utc_now())


@shared_task(name="channels_app.drop_curves", queue="default")
def drop_curves() -> int:
    """Drop curves of posts that no plan of a follower keeps any longer."""
    return drop_old_curves(now=utc_now())


@shared_task(name="channels_app.check_cells", queue="default")
def check_cells() -> int:
    """Check, once a day each, that the numbers of channels add up; what does not is logged and counted."""
    return check_due_cells(now=utc_now())


@shared_task(name="channels_app.run_imports", queue="default")
def run_imports() -> int:
    """Carry out due imports of files."""
    return run_due_imports(now=utc_now())


@shared_task(name="channels_app.remove_uploads", queue="default")
def remove_uploads() -> int:
    """Remove uploaded files that no import needs any more."""
    return remove_finished(now=utc_now())
