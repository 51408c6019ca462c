"""Packed curves, the months of snapshots, and the one function that reads both packed and single snapshots."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Subscripts cost half of unnesting all arrays side by side, at the lengths that curves have.
READINGS = """
CREATE FUNCTION channels_app_readings(post bigint) RETURNS TABLE (observed_at timestamptz, source text,
  approximate boolean, views bigint, forwards bigint, replies bigint, reactions jsonb, reactions_total bigint)
LANGUAGE sql STABLE ROWS 50 AS $$
  SELECT s.observed_at, s.source::text, s.approximate, s.views, s.forwards, s.replies, s.reactions,
    CASE WHEN s.reactions IS NOT NULL THEN
      (SELECT coalesce(sum(e.value::bigint), 0)::bigint FROM jsonb_each_text(s.reactions) e) END
  FROM channels_app_postsnapshot s
  WHERE s.post_id = post AND s.observed_at > coalesce(
    (SELECT k.last_at FROM channels_app_packedcurve k WHERE k.post_id = post), '-infinity')
  UNION ALL
  SELECT k.first_at + u.seconds * interval '1 second' + coalesce(k.micros[u.i], 0) * interval '1 microsecond',
    k.sources[CASE WHEN cardinality(k.sources) = 1 THEN 1 ELSE u.i END], coalesce(k.approximate[u.i], false),
    k.views[u.i]::bigint, k.forwards[u.i]::bigint, k.replies[u.i]::bigint,
    CASE WHEN k.reaction_kinds IS NOT NULL OR k.without_reactions IS NOT NULL THEN coalesce(
      (SELECT jsonb_object_agg(r.kind, r.count) FROM unnest(k.reaction_kinds, k.reaction_counts[
        (u.i - 1) * cardinality(k.reaction_kinds) + 1 : u.i * cardinality(k.reaction_kinds)]) r(kind, count)
       WHERE r.count IS NOT NULL),
      CASE WHEN u.i = ANY (k.without_reactions) THEN '{}'::jsonb END) END,
    CASE WHEN k.reaction_kinds IS NOT NULL OR k.without_reactions IS NOT NULL THEN coalesce(
      (SELECT sum(r.count)::bigint FROM unnest(k.reaction_counts[
        (u.i - 1) * cardinality(k.reaction_kinds) + 1 : u.i * cardinality(k.reaction_kinds)]) r(count)),
      CASE WHEN u.i = ANY (k.without_reactions) THEN 0 END) END
  FROM channels_app_packedcurve k
  CROSS JOIN LATERAL unnest(k.seconds) WITH ORDINALITY u(seconds, i)
  WHERE k.post_id = post
$$
"""
# A curve goes with its post, whoever deletes that. Rows too wide for their page are compressed; lz4 unpacks several
# times as fast as the default, where the server was built with it.
STORAGE = """
ALTER TABLE channels_app_packedcurve ADD CONSTRAINT packed_curve_of_post FOREIGN KEY (post_id)
  REFERENCES channels_app_post (id) ON DELETE CASCADE;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['seconds', 'micros', 'views', 'forwards', 'replies', 'reaction_counts'] LOOP
    EXECUTE format('ALTER TABLE channels_app_packedcurve ALTER COLUMN %I SET COMPRESSION lz4', name);
  END LOOP;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0006_pointing_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='PackedCurve',
            fields=[
                ('post', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='channels_app.post')),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('micros', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                ('views', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None)),
                ('forwards', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None)),
                ('replies', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None)),
                ('sources', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('approximate', django.contrib.postgres.fields.ArrayField(base_field=models.BooleanField(), null=True, size=None)),
                ('reaction_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None)),
                ('reaction_counts', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None)),
                ('without_reactions', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='SnapshotMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('leased_by', models.CharField(blank=True, default='', max_length=80)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('parked_at', models.DateTimeField(blank=True, null=True)),
                ('month', models.DateField(unique=True)),
                ('cursor', models.BigIntegerField(default=0)),
                ('packed_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('packed_posts', models.PositiveIntegerField(default=0)),
                ('open_posts', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False), ('parked_at__isnull', True)), fields=['due_at'], name='snapshot_month_due')],
            },
        ),
        migrations.RunSQL(STORAGE, "ALTER TABLE channels_app_packedcurve DROP CONSTRAINT packed_curve_of_post"),
        migrations.RunSQL(READINGS, "DROP FUNCTION channels_app_readings(bigint)"),
    ]
