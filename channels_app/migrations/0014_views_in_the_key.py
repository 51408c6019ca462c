"""Views beside the key of a snapshot: curves are then read from the index, whose entries of a post lie side by side.

The rows themselves lie in order of time, each of a post's on another page.
"""

from django.db import migrations

WITH_VIEWS = """
ALTER TABLE channels_app_postsnapshot DROP CONSTRAINT channels_app_postsnapshot_pkey,
  ADD CONSTRAINT channels_app_postsnapshot_pkey PRIMARY KEY (post_id, observed_at) INCLUDE (views, approximate)
"""
WITHOUT = """
ALTER TABLE channels_app_postsnapshot DROP CONSTRAINT channels_app_postsnapshot_pkey,
  ADD CONSTRAINT channels_app_postsnapshot_pkey PRIMARY KEY (post_id, observed_at)
"""
# The index alone answers for pages that were vacuumed; by default that waits for a fifth of the month.
VACUUMED = """
DO $$
DECLARE name regclass;
BEGIN
  FOR name IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'channels_app_postsnapshot'::regclass LOOP
    EXECUTE format('ALTER TABLE %s SET (autovacuum_vacuum_insert_scale_factor = {share})', name);
  END LOOP;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ("channels_app", "0013_notifications"),
    ]

    operations = [
        migrations.RunSQL(WITH_VIEWS, WITHOUT),
        migrations.RunSQL(VACUUMED.replace("{share}", "0.02"), VACUUMED.replace("{share}", "0.2")),
    ]
