"""Notes on a channel's time: what people write there, and what was observed and speaks for itself."""
