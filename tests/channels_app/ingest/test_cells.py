"""Late readings, their cells computed anew, checks and repair."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from channels_app.cells import Difference, check_invariant, recompute_dirty_cells, repair_channel
from channels_app.models import Channel, ChannelDay, ChannelHour, Post
from mtproto.records import Source
from tests.channels_app.ingest.seen import NOW, adds_up, make_channel, message, see

pytestmark = pytest.mark.django_db


def rows(channel: Channel) -> list[tuple[object, ...]]:
    columns = ("posts", "views", "forwards", "replies", "reactions", "dirty")
    return [
        *ChannelHour.objects.filter(channel=channel).order_by("hour").values_list("hour", *columns),
        *ChannelDay.objects.filter(channel=channel).order_by("day").values_list("day", *columns),
    ]


def lively_channel() -> Channel:
    """Young and old posts, an album, falls, abbreviated and late readings, over two days."""
    channel = make_channel()
    see(channel, message(1, views=9, approximate=True), source=Source.PREVIEW)
    for hour in range(30):
        at = NOW + timedelta(hours=hour)
        see(
            channel,
            message(1, views=100 + hour * 3 % 7, reactions={"👍": hour} if hour % 2 else None),
            message(2, date=NOW, views=hour, forwards=None if hour < 4 else hour // 4),
            *(message(n, date=NOW, views=hour + n, grouped_id=4) for n in (5, 6)),
            at=at,
        )
    return channel


def test_late_reading_marks_just_its_cells_and_they_come_out_the_same() -> None:
    channel = lively_channel()
    see(channel, message(1, views=500), at=NOW + timedelta(hours=3, minutes=10))
    late = rows(channel)

    dirty = list(ChannelHour.objects.filter(dirty=True).values_list("hour__hour", flat=True).order_by("hour"))
    assert (dirty, recompute_dirty_cells()) == ([15, 16], 2)

    assert [row[:-1] for row in rows(channel)] == [row[:-1] for row in late]
    assert not any(row[-1] for row in rows(channel))
    assert recompute_dirty_cells() == 0


def test_dirty_cell_is_computed_from_snapshots_whatever_it_holds() -> None:
    channel = lively_channel()
    before = rows(channel)
    wrong = ChannelHour.objects.filter(channel=channel, hour__day=11)
    wrong.update(views=12345, posts=9, dirty=True)
    ChannelDay.objects.filter(channel=channel, day__day=11).update(views=1, dirty=True)

    assert recompute_dirty_cells(limit=3) == 3
    while recompute_dirty_cells(limit=3):
        pass

    assert rows(channel) == before


def test_repair_gives_row_for_row_what_ingest_gave() -> None:
    channel = lively_channel()
    before = [row for row in rows(channel) if any(row[1:6])]
    posts = list(Post.objects.order_by("pk").values_list("views", "baseline_views", "reactions_total"))
    Post.objects.update(views=1, baseline_views=7)
    ChannelHour.objects.filter(channel=channel).update(views=3)

    repair_channel(channel.pk)

    assert rows(channel) == before
    assert list(Post.objects.order_by("pk").values_list("views", "baseline_views", "reactions_total")) == posts
    assert adds_up(channel)


def test_check_names_what_does_not_add_up() -> None:
    channel = make_channel()
    see(channel, message(1, views=10, date=NOW))
    ChannelHour.objects.filter(channel=channel).update(views=12)

    assert check_invariant(channel.pk) == [
        Difference("sum", str(channel.pk), "views", 10, 12),
        Difference("day", "2026-03-10", "views", 12, 10),
    ]
    assert Difference("hour", "2026-03-10 12:00:00+00:00", "views", 10, 12) in check_invariant(channel.pk, deep=True)


def test_command_reports_and_repairs() -> None:
    channel = make_channel(username="shop")
    see(channel, message(1, views=10, date=NOW))
    ChannelHour.objects.update(views=12)

    with pytest.raises(CommandError, match="1 channels do not add up"):
        call_command("check_cells", stderr=StringIO())
    out = StringIO()
    call_command("check_cells", "@shop", "--deep", "--repair", stdout=out, stderr=StringIO())

    assert "repaired" in out.getvalue()
    assert adds_up(channel)
