"""What the codes of answers mean to a person, and the words of choices."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from analytics import wording

NOTES: Mapping[str, Promise] = {
    **wording.NOTES,
    "mixed_sources": gettext_lazy("Days of several sources are added up."),
    "not_segmented": gettext_lazy("This number is of the channel as a whole; filters do not apply to it."),
    "no_link_clicks": gettext_lazy("Clicks on links are not counted for any link of this channel yet."),
    "searched_newest_posts_only": gettext_lazy("Only the newest 5,000 posts were searched."),
    "collected_channels_only": gettext_lazy("Only channels that are collected here can be seen pointing."),
    "owners_only": gettext_lazy("Official figures are shown to workspaces that own the channel."),
}

WEEKDAYS: Mapping[str, Promise] = {
    "1": gettext_lazy("Monday"),
    "2": gettext_lazy("Tuesday"),
    "3": gettext_lazy("Wednesday"),
    "4": gettext_lazy("Thursday"),
    "5": gettext_lazy("Friday"),
    "6": gettext_lazy("Saturday"),
    "7": gettext_lazy("Sunday"),
}
SHORT_WEEKDAYS: Mapping[str, Promise] = {
    "1": pgettext_lazy("weekday", "Mon"),
    "2": pgettext_lazy("weekday", "Tue"),
    "3": pgettext_lazy("weekday", "Wed"),
    "4": pgettext_lazy("weekday", "Thu"),
    "5": pgettext_lazy("weekday", "Fri"),
    "6": pgettext_lazy("weekday", "Sat"),
    "7": pgettext_lazy("weekday", "Sun"),
}
MEDIA: Mapping[str, Promise] = {"none": gettext_lazy("Text only"), **wording.MEDIA}
LENGTHS: Mapping[str, Promise] = {
    "none": gettext_lazy("No text"),
    "short": gettext_lazy("Short: up to 200 characters"),
    "medium": gettext_lazy("Medium: 201 to 800 characters"),
    "long": gettext_lazy("Long: over 800 characters"),
}
EMOJI: Mapping[str, Promise] = {
    "none": gettext_lazy("No emoji"),
    "few": gettext_lazy("One to three emoji"),
    "many": gettext_lazy("More than three emoji"),
}
LINKS: Mapping[str, Promise] = {"with": gettext_lazy("With a link"), "without": gettext_lazy("Without a link")}
FORWARDED: Mapping[str, Promise] = {"own": gettext_lazy("Own posts"), "forwarded": gettext_lazy("Forwarded posts")}

# What a post that runs ahead was compared with.
BASIS: Mapping[str, Promise] = {
    "same_age": gettext_lazy("at the same age"),
    "lifetime": gettext_lazy("when they were as old or older than a week"),
    "later": gettext_lazy("when they were older, so the expectation is rather too high"),
}

ORDERS: Mapping[str, Promise] = {
    "published": gettext_lazy("Newest first"),
    "views": gettext_lazy("Most views"),
    "er": gettext_lazy("Highest engagement"),
    "forwards": gettext_lazy("Most forwards"),
    "reactions": gettext_lazy("Most reactions"),
    "replies": gettext_lazy("Most comments"),
}
TOP_ORDERS: Mapping[str, Promise] = {
    **{name: label for name, label in ORDERS.items() if name != "published"},
    "growth": gettext_lazy("Most views gained"),
}


def hour_words(hour: int | str) -> str:
    """An hour of the day as a span: 09:00–10:00."""
    first = int(hour)
    return f"{first:02d}:00–{(first + 1) % 24:02d}:00"


def segment_words(name: str, value: object) -> str:  # noqa: PLR0911 - one answer for each filter
    """A filter in words: what the chip says."""
    text = str(value)
    if name == "media":
        return str(MEDIA.get(text, text))
    if name == "length":
        return str(LENGTHS.get(text, text))
    if name == "hashtag":
        return f"#{text}"
    if name == "forwarded":
        return str(FORWARDED["forwarded" if value else "own"])
    if name == "hour":
        return hour_words(text)
    if name == "weekday":
        return str(WEEKDAYS.get(text, text))
    if name == "with_link":
        return str(LINKS["with" if value else "without"])
    return _("Signed by %(author)s") % {"author": text}


def posts_words(count: int, shown: str) -> str:
    """A number of posts with its noun."""
    return ngettext("%(shown)s post", "%(shown)s posts", count) % {"shown": shown}
