"""Every question that can be asked of the statistics, declared once: API, document and exports read this list."""

from analytics.questions import (
    anomalies,
    benchmarks,
    compare,
    effects,
    events,
    headline,
    ledger,
    network,
    now,
    official,
    post,
    posts,
    reconciliation,
    series,
    sources,
    statistics,
    timing,
    trending,
)
from analytics.questions.declaring import ChannelQuestion, WorkspaceQuestion

CHANNEL_QUESTIONS: tuple[ChannelQuestion, ...] = (
    *headline.QUESTIONS,
    *series.QUESTIONS,
    *statistics.QUESTIONS,
    *reconciliation.QUESTIONS,
    *official.QUESTIONS,
    *posts.QUESTIONS,
    *post.QUESTIONS,
    *ledger.QUESTIONS,
    *sources.QUESTIONS,
    *trending.QUESTIONS,
    *anomalies.QUESTIONS,
    *timing.QUESTIONS,
    *effects.QUESTIONS,
    *events.QUESTIONS,
    *now.QUESTIONS,
)
WORKSPACE_QUESTIONS: tuple[WorkspaceQuestion, ...] = (
    *benchmarks.QUESTIONS,
    *compare.QUESTIONS,
    *network.QUESTIONS,
)
