"""What the start page says: what one gets, how it stays honest, and what people ask."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Feature:
    """Something one gets: an icon of `look`, a title, a sentence."""

    icon: str
    title: Promise
    text: Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that people ask, and its answer in paragraphs."""

    question: Promise
    answer: tuple[Promise, ...]


FEATURES = (
    Feature(
        "chart",
        _("Growth that adds up"),
        _("Subscribers by hour, day and week; who joined and who left, and the gaps where nobody was looking."),
    ),
    Feature(
        "eye",
        _("Reach at equal ages"),
        _("Views of each post after 12, 24 and 48 hours, so that a new post is compared with others at the same age."),
    ),
    Feature(
        "calendar",
        _("When to publish"),
        _("Best hours and weekdays by what your own posts have shown, with how sure that is."),
    ),
    Feature(
        "heart",
        _("What works"),
        _("Top and trending posts, the effect of length, media and hashtags, reactions one by one."),
    ),
    Feature(
        "forward",
        _("Where readers come from"),
        _("Mentions and forwards between channels, and Telegram's own sources where the channel is yours."),
    ),
    Feature(
        "refresh",
        _("Every edit and deletion"),
        _("A ledger of what was changed or taken down, with the text before and after."),
    ),
    Feature(
        "table",
        _("Side by side"),
        _("Up to ten channels in one table and one chart, with the same numbers as on their own pages."),
    ),
    Feature(
        "load",
        _("Out again, all of it"),
        _("CSV, XLSX, JSON and pictures of exactly what you see, without a limit of rows, and an API for programs."),
    ),
)

HONESTY = (
    _("What is unknown is a dash. It is never shown as zero."),
    _("Where nothing was observed, the chart is hatched. No line is smoothed over missing days."),
    _("Every number names its formula, its source, when it was observed, and how much of it is covered."),
    _("An album is one post. Its pictures are not counted as posts of their own."),
    _("A forwarded post shows the views of the original, so it stays out of your own reach."),
    _("A post counts as deleted only on proof from Telegram, and it stays in the ledger."),
    _("Views of the past are not views of today: what a post had when we first saw it is kept apart."),
    _("Counters may fall, and then we show that they fell."),
    _("Telegram's official figures and ours stand side by side, and the difference is told."),
)

QUESTIONS = (
    Asked(
        _("Why do the numbers differ from TGStat?"),
        (
            _(
                "Mostly because of what is counted. Here an album is one post and forwarded posts are kept out of the "
                "reach; a catalogue that counts each picture of an album, or adds the views of the original to a "
                "forward, comes to another average from the same channel."
            ),
            _(
                "And because of when it was looked at: the views of a post grow for days. Each number here says when "
                "it was observed, so you can see which of the two is older."
            ),
        ),
    ),
    Asked(
        _("Why do they differ from Telegram's own statistics?"),
        (
            _(
                "Telegram's public pages round large counters, its official days are those of UTC, and some things it "
                "tells only to admins. Where the channel is yours we load the official graphs and show both, with the "
                "difference between them. Where it is not, you see what can be counted from outside, and it says so."
            ),
        ),
    ),
    Asked(
        _("Do you need my Telegram account?"),
        (
            _(
                "No. Public channels are collected by our own accounts; adding one takes its name. An export of "
                "Telegram Desktop works too, even for a private channel."
            ),
        ),
    ),
    Asked(
        _("How soon do I see something?"),
        (
            _(
                "The first numbers of a public channel come within a minute. Its history is read backwards after "
                "that, and the page tells how far it has got."
            ),
        ),
    ),
    Asked(
        _("Can you see who reads a channel?"),
        (
            _(
                "No, and nobody else can. Telegram tells how many views a post has, never whose. Whoever sells you a "
                "list of readers has made it up."
            ),
        ),
    ),
    Asked(
        _("Whose are the data?"),
        (_("Yours to take along: everything can be exported as a file or read over the API, with no limit of rows."),),
    ),
)
