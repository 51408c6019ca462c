"""Who points at whom, as SQL: forward headers, mentions and links of the posts we hold. One rule for all that ask.

A *hit* is a post that points at a channel. It is a `forward` by its forward header, else a `mention` (by @username, by
a link or a link behind words); what stands inside a forwarded post is another's words and is no mention. Deleted posts
and a channel pointing at itself are no hits. A username belongs to whoever held it when the post was published, as
far as changes were seen: of names that moved we claim only the span in which the holder is known.
"""

# The channel id in a link to a post of a channel without username: t.me/c/ID/…, tg://privatepost?channel=ID.
# Word for word the expression of the index `reference_linked_id`.
LINKED_ID = (
    r"substring(url FROM '(?i)^(?:(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/c/"
    r"|tg:(?://)?privatepost\?channel=)([0-9]{1,15})(?:[^0-9]|$)')"
)

IN_PERIOD = "p.deleted_at IS NULL AND p.published_at >= %(first)s AND p.published_at < %(last)s"


def holdings(*, channels: str, changes: str) -> str:
    """Subselect (channel_id, name, since, until): who held which username from when (NULL: always) to when.

    `channels` and `changes` are SQL conditions on the present names (`c`) and on the changes (`f`).
    """
    return f"""
    SELECT c.id AS channel_id, c.username AS name,
           greatest((SELECT max(g.observed_at) FROM channels_app_channelfactchange g
                     WHERE g.channel_id = c.id AND g.field = 'username' AND lower(g.new) = c.username),
                    (SELECT max(g.observed_at) FROM channels_app_channelfactchange g
                     WHERE g.field = 'username' AND lower(g.old) = c.username)) AS since,
           'infinity'::timestamptz AS until
    FROM channels_app_channel c WHERE c.username IS NOT NULL AND {channels}
    UNION ALL
    SELECT f.channel_id, lower(f.old),
           greatest((SELECT max(g.observed_at) FROM channels_app_channelfactchange g
                     WHERE g.channel_id = f.channel_id AND g.field = 'username' AND lower(g.new) = lower(f.old)
                       AND g.observed_at < f.observed_at),
                    (SELECT max(g.observed_at) FROM channels_app_channelfactchange g
                     WHERE g.field = 'username' AND lower(g.old) = lower(f.old) AND g.observed_at < f.observed_at)),
           f.observed_at
    FROM channels_app_channelfactchange f WHERE f.field = 'username' AND f.old IS NOT NULL AND {changes}"""


def targets(condition: str) -> str:
    """Two common table expressions: the channels pointed at (`target`) and the names they held (`named`).

    `condition` is SQL on the channel `c`.
    """
    chosen = "IN (SELECT id FROM target)"
    return f"""
    target AS MATERIALIZED (SELECT c.id, c.tg_id FROM channels_app_channel c WHERE {condition}),
    named AS MATERIALIZED ({holdings(channels=f"c.id {chosen}", changes=f"f.channel_id {chosen}")})"""


HELD = "(n.since IS NULL OR p.published_at >= n.since) AND p.published_at < n.until"

# The same of the reference `r` alone: posts of other times are not even read.
_LATELY = "r.published_at >= %(first)s AND r.published_at < %(last)s"

# What a hit tells of its post, read where the post is met.
_POST = "p.id AS post_id, p.message_id, p.published_at, p.views, p.seen_at, p.content_source AS source"

# Posts that point at the targets: (kind, evidence, src, dst, post…), ids of channels; one row for each evidence.
HITS_IN = f"""
    SELECT 'forward' AS kind, 'forward_header' AS evidence, p.channel_id AS src, t.id AS dst, {_POST}
    FROM target t JOIN channels_app_post p ON p.forward_from_tg_id = t.tg_id
    WHERE {IN_PERIOD} AND p.channel_id <> t.id
    UNION ALL
    SELECT 'mention', r.kind, p.channel_id, n.channel_id, {_POST}
    FROM named n JOIN channels_app_postreference r ON r.username = n.name
    JOIN channels_app_post p ON p.id = r.post_id
    WHERE {_LATELY} AND {IN_PERIOD} AND NOT p.is_forward AND p.channel_id <> n.channel_id AND {HELD}
    UNION ALL
    SELECT 'mention', r.kind, p.channel_id, t.id, {_POST}
    FROM target t JOIN channels_app_postreference r ON r.username IS NULL AND {LINKED_ID} = t.tg_id::text
    JOIN channels_app_post p ON p.id = r.post_id
    WHERE {_LATELY} AND {IN_PERIOD} AND NOT p.is_forward AND p.channel_id <> t.id"""

# What posts of the targets point at, in all of Telegram. dst NULL: no channel that we know; then its name or its id.
HITS_OUT = f"""
    SELECT 'forward' AS kind, 'forward_header' AS evidence, t.id AS src, d.id AS dst, {_POST},
           p.forward_from_tg_id AS dst_tg_id, NULL::text AS dst_name
    FROM target t JOIN channels_app_post p ON p.channel_id = t.id
    LEFT JOIN channels_app_channel d ON d.tg_id = p.forward_from_tg_id
    WHERE {IN_PERIOD} AND p.forward_from_tg_id > 0 AND p.forward_from_tg_id IS DISTINCT FROM t.tg_id
    UNION ALL
    SELECT 'mention', r.kind, t.id, n.channel_id, {_POST}, NULL, r.username
    FROM target t JOIN channels_app_post p ON p.channel_id = t.id
    JOIN channels_app_postreference r ON r.post_id = p.id
    LEFT JOIN LATERAL ({holdings(channels="c.username = r.username", changes="lower(f.old) = r.username")}) n ON {HELD}
    WHERE {IN_PERIOD} AND NOT p.is_forward AND r.username IS NOT NULL AND n.channel_id IS DISTINCT FROM t.id
    UNION ALL
    SELECT 'mention', r.kind, t.id, d.id, {_POST}, {LINKED_ID}::bigint, NULL
    FROM target t JOIN channels_app_post p ON p.channel_id = t.id
    JOIN channels_app_postreference r ON r.post_id = p.id
    LEFT JOIN channels_app_channel d ON d.tg_id = {LINKED_ID}::bigint
    WHERE {IN_PERIOD} AND NOT p.is_forward AND r.username IS NULL AND {LINKED_ID} IS NOT NULL
      AND {LINKED_ID} <> t.tg_id::text"""


def visible(alias: str) -> str:
    """SQL condition: a public channel (a shared fact), or one that the asking workspace tracks."""
    return f"""({alias}.username IS NOT NULL OR EXISTS (
        SELECT 1 FROM channels_app_trackedchannel w
        WHERE w.channel_id = {alias}.id AND w.workspace_id = %(workspace)s))"""
