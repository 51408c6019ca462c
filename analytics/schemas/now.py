"""Shape of what happens now."""

from rest_framework import serializers

from analytics.queries.now import Standing
from analytics.schemas.shapes import fraction, gaps, integer, meta, moment, shape, text

_POST = {
    "msg_id": integer(null=False),
    "date": moment(),
    "title": text(),
    "permalink": text(null=True),
    "forwarded": serializers.BooleanField(help_text="Its counter is the original's: no pace and no band."),
    "age_hours": fraction("Since publication."),
    "views": integer(),
    "forwards": integer(),
    "replies": integer(),
    "reactions": integer(),
    "observed_at": moment(null=True),
    "views_per_hour": fraction("Views gained in the last hour before the counters were read."),
    "n": integer(null=False, help_text="Earlier posts behind the band."),
    "low": fraction("Tenth percent of what they had at this age."),
    "median": fraction(),
    "high": fraction("Ninetieth percent."),
    "standing": serializers.ChoiceField(list(Standing), allow_null=True),
}

NOW = shape(
    "NowAnswer",
    {
        "data": shape(
            "Now",
            {
                "hour": shape(
                    "RunningHour",
                    {
                        "t": moment(),
                        "minutes": integer(null=False, help_text="That have passed of it."),
                        "views": integer(help_text="Gained so far."),
                        "usual": fraction("Median of the whole hour."),
                        "usual_by_now": fraction("The part of it that belongs to the passed minutes."),
                    },
                ),
                "hours": shape(
                    "HourNow",
                    {
                        "t": moment(),
                        "views": integer(help_text="Gained in the hour."),
                        "coverage": fraction("Share 0..1 of the hour that was watched."),
                        "usual": fraction("Median of the same hour on the days before."),
                        "n": integer(null=False, help_text="Days behind the usual."),
                    },
                    many=True,
                ),
                "subscribers": shape(
                    "SubscribersNow",
                    {
                        "since": moment(),
                        "followers": integer(),
                        "change": integer(help_text="Since then."),
                    },
                ),
                "posts": shape("YoungPost", _POST, many=True),
                "events": shape(
                    "EventNow",
                    {
                        "kind": serializers.ChoiceField(["edit", "deletion"]),
                        "at": serializers.DateTimeField(help_text="When it was first seen."),
                        "msg_id": integer(null=False),
                        "date": moment(),
                        "title": text(),
                        "permalink": text(null=True),
                    },
                    many=True,
                ),
            },
        ),
        "meta": meta("NowMeta", gaps=gaps(), usual_days=integer(null=False), least_days=integer(null=False)),
    },
)
