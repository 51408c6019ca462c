"""Rules of second factors, and sessions."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_telegram_and_events")]
    operations = []
