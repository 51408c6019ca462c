"""Requests that a second person approves, and impersonations."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_staff")]
    operations = []
