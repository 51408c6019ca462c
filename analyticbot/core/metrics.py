"""Prometheus metrics of this process, and gauges read from the database when asked."""

from prometheus_client import Histogram

REQUEST_SECONDS = Histogram(
    "analyticbot_request_seconds",
    "Time to answer an HTTP request",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
