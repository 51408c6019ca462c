"""The table of snapshots, partitioned by month, and storage settings of the tables that every poll writes."""

from django.db import migrations

CREATE = """
CREATE TABLE channels_app_postsnapshot (
    post_id bigint NOT NULL,
    observed_at timestamptz NOT NULL,
    source varchar(8) NOT NULL,
    approximate boolean NOT NULL DEFAULT false,
    views bigint,
    forwards bigint,
    replies bigint,
    reactions jsonb,
    PRIMARY KEY (post_id, observed_at)
) PARTITION BY RANGE (observed_at);
CREATE INDEX snapshot_observed_brin ON channels_app_postsnapshot USING brin (observed_at) WITH (pages_per_range = 32);
"""
# Room on each page for the next versions of its rows: counter updates then touch no index. A poll rewrites all young
# posts at once, so a page needs room for all of its rows (measured: 80 costs the database 1.2 to 1.6 times as much a poll).
TUNE = """
ALTER TABLE channels_app_post SET (fillfactor = 50);
ALTER TABLE channels_app_channelhour SET (fillfactor = 70);
ALTER TABLE channels_app_channelday SET (fillfactor = 70);
"""
UNTUNE = """
ALTER TABLE channels_app_post RESET (fillfactor);
ALTER TABLE channels_app_channelhour RESET (fillfactor);
ALTER TABLE channels_app_channelday RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE channels_app_postsnapshot"),
        migrations.RunSQL(TUNE, UNTUNE),
    ]
