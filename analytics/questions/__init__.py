"""Every question that can be asked of the statistics, declared once: API, document and exports read this list."""

from analytics.questions import headline, network, posts, series, sources, trending
from analytics.questions.declaring import ChannelQuestion, WorkspaceQuestion

CHANNEL_QUESTIONS: tuple[ChannelQuestion, ...] = (
    *headline.QUESTIONS,
    *series.QUESTIONS,
    *posts.QUESTIONS,
    *sources.QUESTIONS,
    *trending.QUESTIONS,
)
WORKSPACE_QUESTIONS: tuple[WorkspaceQuestion, ...] = (*network.QUESTIONS,)
