"""What the system page remembers of 24 hours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("superadmin", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="SystemSample",
            fields=[
                ("at", models.DateTimeField(primary_key=True, serialize=False)),
                ("values", models.JSONField()),
            ],
        ),
    ]
