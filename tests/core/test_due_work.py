"""Rows that carry work are leased as many as asked for, whatever way the database finds them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.event_models import EventKind
from accounts.models import SecurityEvent
from tests.factories import make_user


@pytest.mark.django_db
def test_no_more_is_leased_than_asked_for() -> None:
    user, now = make_user(), timezone.now()
    SecurityEvent.objects.bulk_create(
        SecurityEvent(user=user, kind=EventKind.SIGNED_IN, at=now, due_at=now - timedelta(minutes=10 - number))
        for number in range(1, 5)
    )
    with connection.cursor() as cursor:
        # A way that the planner may choose by itself: the rows that are due are looked for once for each row.
        cursor.execute("ANALYZE accounts_securityevent")
        for way in (
            "hashjoin",
            "mergejoin",
            "material",
            "indexscan",
            "indexonlyscan",
            "bitmapscan",
            "hashagg",
            "sort",
            "memoize",
        ):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    leased = SecurityEvent.objects.claim(owner="one", lease=timedelta(minutes=5))

    assert len(leased) == 1
    assert SecurityEvent.objects.filter(leased_by="one").count() == 1
