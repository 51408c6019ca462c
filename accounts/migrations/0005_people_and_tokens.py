"""Invitations, undo of deletion, networks of tokens."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_factors_and_sessions")]
    operations = []
