"""Configuration that changes while processes run."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_chain")]
    operations = []
