"""When a post was published, beside its references."""

from django.db import migrations, models

FILL = """
UPDATE channels_app_postreference r SET published_at = p.published_at FROM channels_app_post p WHERE p.id = r.post_id;
DELETE FROM channels_app_postreference WHERE published_at IS NULL;
"""


class Migration(migrations.Migration):

    # Rows are written and the table changed: in one transaction the one would wait for the other.
    atomic = False

    dependencies = [
        ("channels_app", "0014_views_in_the_key"),
    ]

    operations = [
        migrations.AddField("postreference", "published_at", models.DateTimeField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("postreference", "published_at", models.DateTimeField()),
        migrations.RemoveIndex("postreference", "reference_username"),
        migrations.AddIndex(
            "postreference",
            models.Index(
                fields=["username", "published_at"],
                name="reference_username",
                condition=models.Q(username__isnull=False),
            ),
        ),
    ]
