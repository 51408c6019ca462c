"""Exports and erasures of personal data, consents."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people_and_tokens")]
    operations = []
