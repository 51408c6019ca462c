"""Prometheus metrics of the calls to Telegram."""

from prometheus_client import Counter, Gauge

# Outcomes are "ok" or the code of the error, which is a closed list of Telegram's names.
CALLS = Counter("analyticbot_mtproto_calls", "Calls to Telegram by method and outcome", ["method", "outcome"])
FLOOD_WAIT_SECONDS = Counter(
    "analyticbot_mtproto_flood_wait_seconds", "Seconds that Telegram asked to wait, by method", ["method"]
)
PUSHED = Counter("analyticbot_mtproto_updates", "Updates of channels that Telegram pushed, by kind", ["kind"])
CONNECTED = Gauge("analyticbot_mtproto_connected", "Open connections to Telegram in this process")
