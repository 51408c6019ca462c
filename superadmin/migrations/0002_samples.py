"""What the system page remembers of 24 hours."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("superadmin", "0001_initial")]
    operations = []
