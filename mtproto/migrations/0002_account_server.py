from django.conf import settings
from django.db import migrations, models

import mtproto.servers


def fill_server(apps, schema_editor):
    """Accounts so far are of the configured server; where none is configured nobody knows, and they are not used."""
    if settings.TELEGRAM_SERVER or settings.TELEGRAM_API_ID:
        accounts = apps.get_model("mtproto", "TelegramAccount").objects.using(schema_editor.connection.alias)
        accounts.filter(server="").update(server=mtproto.servers.present_server())


class Migration(migrations.Migration):

    dependencies = [
        ("mtproto", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegramaccount",
            name="server",
            field=models.CharField(default="", max_length=32),
        ),
        migrations.RunPython(fill_server, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="telegramaccount",
            name="server",
            field=models.CharField(default=mtproto.servers.present_server, max_length=32),
        ),
        migrations.AlterField(
            model_name="telegramaccount",
            name="tg_id",
            field=models.BigIntegerField(),
        ),
        migrations.AddConstraint(
            model_name="telegramaccount",
            constraint=models.UniqueConstraint(fields=("server", "tg_id"), name="account_once_per_server"),
        ),
    ]
