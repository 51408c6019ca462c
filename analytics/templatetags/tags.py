"""Tags of a channel on its own page."""

from typing import Any

from django import template

from analytics.models import ChannelTag
from analytics.tags.work import Tag

register = template.Library()


@register.simple_tag
def tags_on(tracked_id: int) -> tuple[Tag, ...]:
    """The tags of a tracking, by name: one statement."""
    rows: Any = ChannelTag.objects.filter(tracked_id=tracked_id).order_by("key").values_list("key", "word")
    return tuple(Tag(key, word) for key, word in rows)
