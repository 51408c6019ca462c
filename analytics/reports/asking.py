"""Asking the declared questions for a report: the only way by which numbers come into one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics.period import Period
from analytics.queries.segments import Segment
from analytics.questions import CHANNEL_QUESTIONS
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel, ChannelHead, Parameters, Reader

_QUESTIONS = {question.name: question for question in CHANNEL_QUESTIONS}


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who asks of which channel over which period."""

    reader: Reader
    head: ChannelHead
    period: Period
    now: datetime

    def ask(
        self,
        question: str,
        *,
        without_from: bool = False,
        path: Mapping[str, str | int] | None = None,
        **parameters: str,
    ) -> Answer:
        """The answer to a question of the channel, exactly as the API gives it for the same parameters.

        `without_from`: let the question choose how far back it looks from the end of the period.
        """
        bounds = {"to": iso(self.period.end)} | ({} if without_from else {"from": iso(self.period.start)})
        asked = AskedOfChannel(
            self.reader,
            self.period,
            self.now,
            Parameters({**bounds, **parameters}),
            path or {},
            channel=self.head,
            segment=Segment(),
        )
        return _QUESTIONS[question].answer(asked)
