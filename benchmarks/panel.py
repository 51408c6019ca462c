"""Lists of the SuperAdmin panel over a million rows each: through the whole page, its template included.

The rows are made in a transaction that is rolled back.
"""

import os
import time

from django.db import connection, transaction
from django.test import Client

from benchmarks.timing import timed, times_of

ON_DEMAND = True
ROWS = int(os.environ.get("BENCH_PANEL_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_REQUESTS", "20"))
_FILL = (
    """
    INSERT INTO accounts_user (password, is_superuser, email, name, language, time_zone, is_active, is_staff,
        date_joined, tier, suspended_at, suspended_for, refuses_impersonation, session_epoch)
    SELECT '', false, 'bench' || n || '@example.org', 'Bench ' || n, 'en', 'UTC', n %% 1000 <> 0, false,
        now(), 0, CASE WHEN n %% 1000 = 0 THEN now() END, '', false, 0
    FROM generate_series(1, %s) AS n
    """,
    """
    INSERT INTO accounts_workspace (public_id, name, time_zone, created_at, is_demo, suspended_at, suspended_for)
    SELECT gen_random_uuid(), 'Bench ' || n, 'UTC', now(), false, CASE WHEN n %% 1000 = 0 THEN now() END, ''
    FROM generate_series(1, %s) AS n
    """,
    """
    INSERT INTO accounts_apitoken (workspace_id, creator_id, name, digest, prefix, scopes, created_at, expires_at,
        networks, last_used_from)
    SELECT w.id, u.id, 'bench', 'bench' || row_number() OVER (), 'abk_live_abc', '{channels:read}', now(),
        now() + interval '1 day', '{}', ''
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_workspace) w
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_user) u USING (n) LIMIT %s
    """,
    """
    INSERT INTO analytics_sharedlink (public_id, workspace_id, tracked_id, creator_id, name, digest, prefix,
        created_at, expires_at, password, preset, sections, owner_facts, compares, exports, theme, frame_ancestors)
    SELECT gen_random_uuid(), t.workspace_id, (SELECT min(id) FROM channels_app_trackedchannel), t.creator_id,
        'bench', 'bench' || t.id, 'abcdefgh', now(), now() + interval '1 day', '', '28d', '{overview}', false, false,
        false, 'system', '{}'
    FROM accounts_apitoken t LIMIT %s
    """,
    """
    INSERT INTO channels_app_channel (tg_id, username, title, about, is_verified, is_scam, subscribers_approximate,
        created_at, version, hold, held_at)
    SELECT 2000000000 + n, 'bench' || n, 'Bench ' || n, '', false, false, false, now(), 0,
        CASE WHEN n %% 1000 = 0 THEN 'paused' ELSE '' END, CASE WHEN n %% 1000 = 0 THEN now() END
    FROM generate_series(1, %s) AS n
    """,
    """
    INSERT INTO channels_app_channelsync (channel_id, state, reached_start, service_messages, error_code, error)
    SELECT id, CASE WHEN id %% 1000 = 1 THEN 'failed' ELSE 'pending' END, false, 0, '', ''
    FROM channels_app_channel WHERE username LIKE 'bench%%' LIMIT %s
    """,
    """
    INSERT INTO channels_app_collecttask (channel_id, kind, progress, leased_by, fence, attempts, last_error, due_at,
        parked_at)
    SELECT id, 'poll', '{}', '', 0, 0, '', CASE WHEN id %% 1000 <> 0 THEN now() + interval '1 hour' END,
        CASE WHEN id %% 1000 = 0 THEN now() END
    FROM channels_app_channel WHERE username LIKE 'bench%%' LIMIT %s
    """,
    """
    INSERT INTO core_auditentry (workspace_id, seq, at, actor_kind, actor_id, action, object_type, object_id,
        request_id, words_hash, prev_hash, hash, key)
    SELECT 1000000 + n %% 10000, n, now(), 'user', (SELECT min(id) FROM accounts_user) + n %% 5000,
        CASE WHEN n %% 100000 = 0 THEN 'bench:rare:done' ELSE 'channels:channel:tracked' END,
        'channels_app.channel', (n %% 1000)::text, 'bench' || n, '', '', '', 'bench'
    FROM generate_series(1, %s) AS n
    """,
    """
    INSERT INTO core_auditwords (entry_id, actor_label, for_label, address, agent, salt)
    SELECT id, 'bench@example.org', '', '', '', '' FROM core_auditentry WHERE key = 'bench' LIMIT %s
    """,
)
_TABLES = (
    "accounts_user",
    "accounts_workspace",
    "accounts_apitoken",
    "analytics_sharedlink",
    "channels_app_channel",
    "channels_app_channelsync",
    "channels_app_collecttask",
    "core_auditentry",
    "core_auditwords",
)


def run() -> None:
    """Prints p50 and p95 of each list: first page, a page in the middle, searches, filters."""
    with transaction.atomic():
        client, middle = _fill()
        for name, path in _pages(middle).items():
            for _round in range(2):
                _asked(client, path)
            busy = time.process_time()
            seconds = [_asked(client, path) for _round in range(ROUNDS)]
            busy = (time.process_time() - busy) / ROUNDS * 1000
            print(f"{name:34} p50, p95 ms: {times_of(seconds)}   of it processor time here: {busy:5.1f}", flush=True)
        transaction.set_rollback(True)


def _pages(middle: int) -> dict[str, str]:
    lists = {
        "people": "accounts/user/",
        "workspaces": "accounts/workspace/",
        "tokens": "accounts/apitoken/",
        "shared links": "analytics/sharedlink/",
        "channels": "channels_app/channel/",
        "audit trail": "core/auditentry/",
    }
    pages = {f"{name}, newest": path for name, path in lists.items()}
    pages |= {f"{name}, in the middle": f"{path}?before={middle}" for name, path in lists.items()}
    return pages | {
        "people, one by address": f"accounts/user/?q=bench{ROWS // 2}@",
        "people, everybody's beginning": "accounts/user/?q=bench",
        "people, nobody": "accounts/user/?q=zzz",
        "people, staff": "accounts/user/?state=staff",
        "people, suspended": "accounts/user/?state=suspended",
        "workspaces, by name": f"accounts/workspace/?q=bench {ROWS // 2}",
        "workspaces, everybody's beginning": "accounts/workspace/?q=bench",
        "workspaces, by member": f"accounts/workspace/?q=bench{ROWS // 2}@example.org",
        "workspaces, suspended": "accounts/workspace/?state=suspended",
        "tokens, by maker": f"accounts/apitoken/?q=bench{ROWS // 2}@example.org",
        "shared links, by maker": f"analytics/sharedlink/?q=bench{ROWS // 2}@example.org",
        "channels, by username": f"channels_app/channel/?q=@bench{ROWS // 2}",
        "channels, paused": "channels_app/channel/?state=paused",
        "channels, blocked (none)": "channels_app/channel/?state=blocked",
        "channels, failed": "channels_app/channel/?state=failed",
        "audit trail, of a person": f"core/auditentry/?q=bench{ROWS // 2}@example.org",
        "audit trail, of a workspace": "core/auditentry/?q=workspace:1000007",
        "audit trail, of a thing": "core/auditentry/?q=channels_app.channel:7",
        "audit trail, a rare action": "core/auditentry/?q=billing:plan:changed",
        "audit trail, a request": f"core/auditentry/?q=bench{ROWS // 2}",
        "audit trail, staff as somebody else": "core/auditentry/?by=as",
        "work": "work/",
        "work, rows of collecting": "work/channels_app.collecttask/",
        "system, figures": "system/now/",
        "business": "business/",
    }


def _fill() -> tuple[Client, int]:
    from tests.factories import make_tracked, make_workspace
    from tests.superadmin.staff import enter, make_staff

    make_tracked(make_workspace())
    client = enter(make_staff())
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, [ROWS])
        cursor.execute(f"ANALYZE {', '.join(_TABLES)}")
        cursor.execute("SELECT min(id) + (max(id) - min(id)) / 2 FROM accounts_user")
        (middle,) = cursor.fetchone()
    return client, middle


def _asked(client: Client, path: str) -> float:
    seconds, answer = timed(lambda: client.get(f"/superadmin/{path}"))
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return seconds
