import uuid

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The words of a text for searching, small letters, apostrophes left out. Written out, because what a database takes
# for a letter's small form depends on its locale: in the plain one it knows English letters only.
_CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЎҚҒҲІЇЄҐÄÖÜÇŞĞÑÉёʻʼ‘’'`´ʹ"
_SMALL = "абвгдеежзийклмнопрстуфхцчшщъыьэюяўқғҳіїєґäöüçşğñéе"
_WORDS = f"""
CREATE FUNCTION analytics_words(body text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_tsvector('pg_catalog.simple'::regconfig, translate(lower(body), '{_CAPITALS.replace("'", "''")}', '{_SMALL}'))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0005_segments"),
        ("channels_app", "0011_reach"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=32)),
                ("key", models.CharField(max_length=64)),
                (
                    "tracked",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="channels_app.trackedchannel",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tracked", "key"), name="tag_once"),
                    models.CheckConstraint(condition=~models.Q(key=""), name="tag_says_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("text", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels_app.channel",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "channel", "at"], name="note_of_channel"),
                    models.Index(fields=["channel"], name="note_channel"),
                    models.Index(fields=["author"], name="note_author"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(text=""), name="note_says_something"),
                    models.CheckConstraint(
                        condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("at")),
                        name="note_ends_after_start",
                    ),
                ],
            },
        ),
        # Posts by the words of their texts. Ingest does not wait for it: the words are filled in behind it.
        migrations.RunSQL(_WORDS, "DROP FUNCTION analytics_words(text)"),
        migrations.CreateModel(
            name="PostWords",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="channels_app.post",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="post_words")],
            },
        ),
        migrations.CreateModel(
            name="WordsMark",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("post_id", models.BigIntegerField(default=0)),
                ("revision_id", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="words_mark_is_one")],
            },
        ),
    ]
