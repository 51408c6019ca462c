"""The ground every room stands on: audit, errors, secrets, due work, logs, API base, charts."""
