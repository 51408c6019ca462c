"""Doors of the queues: thin, keyword-only, idempotent. What is to be done stands in rows; a lost task loses nothing."""

from celery import shared_task
from django.utils import timezone

from analyticbot.core.made_files import remove_expired
from analytics.exports.models import ExportFile
from analytics.exports.work import run_due_exports
from analytics.network.work import run_due_network
from analytics.reports.consent import forget_old
from analytics.reports.deliveries import run_due_deliveries
from analytics.reports.making import run_due_files
from analytics.reports.models import ReportFile
from analytics.reports.planning import plan_due
from analytics.search.work import fill_words
from analytics.sharing.forgetting import forget_visits


@shared_task(name="analytics.measure_network", queue="default")
def measure_network() -> int:
    """Compute the citation index and the standings when they are due."""
    return run_due_network(now=timezone.now())


# A million rows take longer than other tasks may. A ring that gets lost with its worker, or comes twice, does no harm.
@shared_task(name="analytics.run_exports", queue="default", time_limit=6 * 3600, acks_late=False)
def run_exports() -> int:
    """Build exports that are due."""
    return run_due_exports()


@shared_task(name="analytics.remove_exports", queue="default")
def remove_exports() -> int:
    """Delete files of exports whose time is over."""
    return remove_expired(ExportFile, now=timezone.now())


@shared_task(name="analytics.make_reports", queue="default")
def make_reports() -> int:
    """Make reports that were asked for."""
    return run_due_files()


@shared_task(name="analytics.remove_reports", queue="default")
def remove_reports() -> int:
    """Delete files of reports whose time is over, and forget old questions to strangers."""
    forget_old(now=timezone.now())
    return remove_expired(ReportFile, now=timezone.now())


@shared_task(name="analytics.plan_reports", queue="default")
def plan_reports() -> int:
    """Write down which saved reports are due to whom."""
    return plan_due(now=timezone.now())


# A ring that gets lost with its worker, or comes twice, does no harm.
@shared_task(name="analytics.deliver_reports", queue="default")
def deliver_reports() -> int:
    """Send reports that are due."""
    return run_due_deliveries()


@shared_task(name="analytics.forget_visits", queue="default")
def forget_old_visits() -> int:
    """Forget visits of shared links that are of long ago."""
    return forget_visits(now=timezone.now())


@shared_task(name="analytics.fill_words", queue="default")
def fill_search() -> int:
    """Make new and edited posts findable by their words."""
    return fill_words()
