"""AnalyticBot on one machine with one command: embedded servers, stages and supervised processes."""
