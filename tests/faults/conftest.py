"""The fixtures of collecting serve the fault tests as well."""

from tests.channels_app.collect.conftest import account, channel_files, leading_there, telegram, workspace

__all__ = ["account", "channel_files", "leading_there", "telegram", "workspace"]
