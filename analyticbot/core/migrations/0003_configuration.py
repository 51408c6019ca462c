"""Configuration that changes while processes run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_chain")]
    operations = [
        migrations.CreateModel(
            name="ConfigurationVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField()),
                ("value", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="configuration_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="configuration_version_counts_from_one"
                    ),
                ],
            },
        ),
    ]
