"""Requests that a second person approves, impersonations, and networks from which the panel may be opened."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_staff")]
    operations = [
        migrations.CreateModel(
            name='AllowedNetwork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=49, unique=True)),
                ('note', models.CharField(blank=True, default='', max_length=80)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'allowed network',
                'verbose_name_plural': 'allowed networks',
            },
        ),
        migrations.CreateModel(
            name='ApprovalRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(max_length=40)),
                ('subject_kind', models.CharField(max_length=12)),
                ('subject_id', models.BigIntegerField()),
                ('subject_label', models.CharField(max_length=200)),
                ('detail', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('decision', models.CharField(choices=[('open', 'Waits'), ('approved', 'Approved and done'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='open', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'approval',
                'verbose_name_plural': 'approvals',
                'constraints': [models.UniqueConstraint(condition=models.Q(('decision', 'open')), fields=('act', 'subject_kind', 'subject_id'), name='approval_one_open'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('asked_at'))), name='approval_expires_later'), models.CheckConstraint(condition=models.Q(('decision__in', ['open', 'approved', 'refused', 'withdrawn', 'expired'])), name='approval_decision_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decision', 'open')), models.Q(models.Q(('decision', 'open'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='approval_decided_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'approved'), _negated=True), ('decided_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='approval_by_another_person')],
            },
        ),
        migrations.CreateModel(
            name='Impersonation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200)),
                ('ticket', models.CharField(max_length=80)),
                ('started_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='impersonations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'impersonation',
                'verbose_name_plural': 'impersonations',
                'constraints': [models.CheckConstraint(condition=models.Q(('staff', models.F('user')), _negated=True), name='impersonation_of_another'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('started_at'))), name='impersonation_ends_later'), models.CheckConstraint(condition=models.Q(('ends_at__lte', django.db.models.expressions.CombinedExpression(models.F('started_at'), '+', models.Value(datetime.timedelta(seconds=1800))))), name='impersonation_is_short'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('ticket', ''), _negated=True)), name='impersonation_has_a_reason')],
            },
        ),
    ]
