"""When a post was published, beside its references."""

from django.db import migrations, models

# In one transaction: killed midway, nothing is done and it runs again. What an earlier form of it, which was not in
# one, had done when it was killed is taken as it is: columns and indexes may be there, rows that are right are skipped.
FORWARD = """
ALTER TABLE channels_app_postreference ADD COLUMN IF NOT EXISTS published_at timestamptz;
UPDATE channels_app_postreference r SET published_at = p.published_at FROM channels_app_post p
  WHERE p.id = r.post_id AND r.published_at IS DISTINCT FROM p.published_at;
DELETE FROM channels_app_postreference WHERE published_at IS NULL;
ALTER TABLE channels_app_postreference ALTER COLUMN published_at SET NOT NULL;
DROP INDEX IF EXISTS reference_username;
CREATE INDEX reference_username ON channels_app_postreference (username, published_at) WHERE username IS NOT NULL;
"""
BACKWARD = """
DROP INDEX reference_username;
CREATE INDEX reference_username ON channels_app_postreference (username) WHERE username IS NOT NULL;
ALTER TABLE channels_app_postreference DROP COLUMN published_at;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("channels_app", "0014_views_in_the_key"),
    ]

    operations = [
        migrations.RunSQL(
            FORWARD,
            BACKWARD,
            state_operations=[
                migrations.AddField("postreference", "published_at", models.DateTimeField()),
                migrations.RemoveIndex("postreference", "reference_username"),
                migrations.AddIndex(
                    "postreference",
                    models.Index(
                        fields=["username", "published_at"],
                        name="reference_username",
                        condition=models.Q(username__isnull=False),
                    ),
                ),
            ],
        ),
    ]
