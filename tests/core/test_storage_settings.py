"""Settings of the database beside its address: a replica, a pooler, how long single snapshots stay."""

import pytest

from analyticbot.env import EnvironmentInvalid, read_environment

REPLICA = "postgres://reader:secret@127.0.0.1:5433/analytic?sslmode=require"


def test_replica_and_pooler_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_REPLICA_URL", REPLICA)
    monkeypatch.setenv("DATABASE_POOLER", "transaction")
    monkeypatch.setenv("SNAPSHOT_RAW_DAYS", "90")
    env = read_environment()

    assert env.database_replica_url is not None
    assert env.database_replica_url.get_secret_value() == REPLICA
    assert (env.database_pooler, env.snapshot_raw_days, env.database_replica_max_lag) == ("transaction", 90, 30)


def test_without_them_nothing_is_read_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_REPLICA_URL", "DATABASE_POOLER", "SNAPSHOT_RAW_DAYS"):
        monkeypatch.delenv(name, raising=False)
    env = read_environment()

    assert (env.database_replica_url, env.database_pooler, env.snapshot_raw_days) == (None, "none", 35)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DATABASE_REPLICA_URL", "mysql://there/name", "begins with postgres://"),
        ("DATABASE_REPLICA_URL", "postgres://there:5432/", "names no database"),
        ("DATABASE_REPLICA_URL", "postgres://there/name?nonsense=1", "nonsense"),
        ("DATABASE_REPLICA_MAX_LAG", "0", "DATABASE_REPLICA_MAX_LAG"),
        ("DATABASE_POOLER", "session", "DATABASE_POOLER"),
        # Posts are still looked at until then.
        ("SNAPSHOT_RAW_DAYS", "30", "SNAPSHOT_RAW_DAYS"),
    ],
)
def test_wrong_values_stop_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(EnvironmentInvalid, match=complaint):
        read_environment()
