from django.db import migrations, models

# The channel id in a link to a post of a channel without username; the readers use the very same expression.
LINKED_ID = (
    r"substring(url FROM '(?i)^(?:(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/c/"
    r"|tg:(?://)?privatepost\?channel=)([0-9]{1,15})(?:[^0-9]|$)')"
)


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0005_bulk_keys'),
    ]

    operations = [
        # Who forwarded a channel in a period.
        migrations.AddIndex(
            model_name='post',
            index=models.Index(
                condition=models.Q(('forward_from_tg_id__isnull', False)),
                fields=['forward_from_tg_id', 'published_at'],
                name='post_forward_origin',
            ),
        ),
        # Who linked to a post of a channel by its id.
        migrations.RunSQL(
            f"CREATE INDEX reference_linked_id ON channels_app_postreference (({LINKED_ID}))"
            f" WHERE username IS NULL AND {LINKED_ID} IS NOT NULL",
            "DROP INDEX reference_linked_id",
        ),
        # Who held a username before.
        migrations.RunSQL(
            "CREATE INDEX fact_change_username ON channels_app_channelfactchange (lower(old)) WHERE field = 'username'",
            "DROP INDEX fact_change_username",
        ),
    ]
