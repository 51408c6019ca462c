"""AnalyticBot: honest statistics for Telegram channels."""
