"""Running the service: its state, work, channels, Telegram accounts, configuration, and what was done."""
