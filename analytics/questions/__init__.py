"""Every question that can be asked of the statistics, declared once: API, document and exports read this list."""

from analytics.questions import effects, headline, ledger, network, post, posts, series, sources, timing, trending
from analytics.questions.declaring import ChannelQuestion, WorkspaceQuestion

CHANNEL_QUESTIONS: tuple[ChannelQuestion, ...] = (
    *headline.QUESTIONS,
    *series.QUESTIONS,
    *posts.QUESTIONS,
    *post.QUESTIONS,
    *ledger.QUESTIONS,
    *sources.QUESTIONS,
    *trending.QUESTIONS,
    *timing.QUESTIONS,
    *effects.QUESTIONS,
)
WORKSPACE_QUESTIONS: tuple[WorkspaceQuestion, ...] = (*network.QUESTIONS,)
