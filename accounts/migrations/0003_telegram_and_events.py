"""Telegram identities and security events."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_demo_and_first_steps")]
    operations = []
