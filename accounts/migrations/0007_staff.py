"""Tiers of staff."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_personal_data")]
    operations = []
