"""The audit trail as a chain that only grows."""

import secrets
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_SIGNED = ("words_hash", "prev_hash", "hash")

_GUARDS = """
CREATE FUNCTION core_audit_head(asked bigint) RETURNS TABLE (seq bigint, hash bytea) LANGUAGE plpgsql AS $$
BEGIN
  -- Each statement in here sees what was committed while the one before it waited.
  PERFORM pg_advisory_xact_lock(hashtextextended('core_auditentry', coalesce(asked, 0)));
  IF asked IS NULL THEN
    RETURN QUERY SELECT e.seq, e.hash FROM core_auditentry e WHERE e.workspace_id IS NULL ORDER BY e.seq DESC LIMIT 1;
  ELSE
    RETURN QUERY SELECT e.seq, e.hash FROM core_auditentry e WHERE e.workspace_id = asked ORDER BY e.seq DESC LIMIT 1;
  END IF;
END $$;

CREATE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit trail only grows: % of % is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION core_audit_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.entry_id = OLD.entry_id AND octet_length(NEW.salt) = 0
     AND NEW.forgotten_by = coalesce(OLD.forgotten_by, NEW.forgotten_by) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Words of the audit trail are only ever forgotten, in the name of an entry that says so.'
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON core_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON core_auditanchor
  FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER audit_only_grows BEFORE DELETE OR TRUNCATE ON core_auditwords
  FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER audit_only_forgets BEFORE UPDATE ON core_auditwords
  FOR EACH ROW EXECUTE FUNCTION core_audit_forgets();
"""

_NO_GUARDS = """
DROP TRIGGER audit_only_grows ON core_auditentry;
DROP TRIGGER audit_only_grows ON core_auditanchor;
DROP TRIGGER audit_only_grows ON core_auditwords;
DROP TRIGGER audit_only_forgets ON core_auditwords;
DROP FUNCTION core_audit_forgets();
DROP FUNCTION core_audit_refuse();
DROP FUNCTION core_audit_head(bigint);
"""


def chain_what_is_there(apps: Any, editor: Any) -> None:
    """Rows from before get their words moved out and their places, in the order in which they were written."""
    entries, all_words = apps.get_model("core", "AuditEntry"), apps.get_model("core", "AuditWords")
    # What is inserted is checked at once: tables with checks left over cannot be altered.
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    ends: dict[int | None, tuple[int, bytes]] = {}
    for entry in entries.objects.order_by("pk").iterator():
        _chain(entry, all_words, ends)


def _chain(entry: Any, all_words: Any, ends: dict[int | None, tuple[int, bytes]]) -> None:
    # The form of the hashes is data: what is written here must be what is verified.
    from analyticbot.core.trail.chain import SALT_BYTES, START, Facts, Words, hash_entry, hash_words, signing_key

    last, prev_hash = ends.get(entry.workspace_id, (0, START))
    key, salt = signing_key(), secrets.token_bytes(SALT_BYTES)
    words = Words(entry.actor_label, "", "", "", entry.before, entry.after)
    all_words.objects.create(entry_id=entry.pk, salt=salt, **words._asdict())
    entry.seq, entry.key, entry.prev_hash = last + 1, key, prev_hash
    entry.words_hash = hash_words(words, salt=salt, key=key)
    facts = Facts(*(getattr(entry, name) for name in Facts._fields))
    entry.hash = hash_entry(facts, words_hash=entry.words_hash, prev_hash=prev_hash, key=key)
    entry.save(update_fields=["seq", "key", *_SIGNED])
    ends[entry.workspace_id] = entry.seq, entry.hash


def bring_words_back(_apps: Any, editor: Any) -> None:
    """The way back: words stand in the row again."""
    editor.execute(
        "UPDATE core_auditentry e SET actor_label = left(w.actor_label, 200), before = w.before, after = w.after"
        " FROM core_auditwords w WHERE w.entry_id = e.id"
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("heads", models.JSONField()),
                ("last_entry", models.BigIntegerField()),
                ("prev_hash", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
                ("key", models.CharField(max_length=8)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="audit_anchor_counts_from_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditWords",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="core.auditentry",
                    ),
                ),
                ("actor_label", models.CharField(blank=True, max_length=300)),
                ("for_label", models.CharField(blank=True, max_length=300)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("agent", models.CharField(blank=True, max_length=16)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("salt", models.BinaryField(max_length=16)),
                ("forgotten_by", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("forgotten_by__isnull", False)),
                        fields=["forgotten_by"],
                        name="audit_forgotten_by",
                    )
                ],
            },
        ),
        migrations.AddField("auditentry", "for_user_id", models.BigIntegerField(null=True)),
        migrations.AddField("auditentry", "seq", models.BigIntegerField(null=True)),
        migrations.AddField("auditentry", "key", models.CharField(max_length=8, null=True)),
        *(migrations.AddField("auditentry", name, models.BinaryField(max_length=32, null=True)) for name in _SIGNED),
        migrations.RunPython(chain_what_is_there, bring_words_back),
        migrations.AlterField("auditentry", "seq", models.BigIntegerField()),
        migrations.AlterField("auditentry", "key", models.CharField(max_length=8)),
        *(migrations.AlterField("auditentry", name, models.BinaryField(max_length=32)) for name in _SIGNED),
        migrations.RemoveField("auditentry", "actor_label"),
        migrations.RemoveField("auditentry", "before"),
        migrations.RemoveField("auditentry", "after"),
        migrations.AddConstraint(
            "auditentry",
            models.UniqueConstraint(fields=("workspace_id", "seq"), nulls_distinct=False, name="audit_place_once"),
        ),
        migrations.AddConstraint(
            "auditentry", models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="audit_counts_from_one")
        ),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["actor_kind", "actor_id", "-at"], name="audit_actor_at")
        ),
        migrations.RunSQL(_GUARDS, _NO_GUARDS),
    ]
