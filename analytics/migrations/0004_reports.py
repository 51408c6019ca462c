import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('analytics', '0003_shared_links'),
        ('channels_app', '0011_reach'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Branding',
            fields=[
                ('workspace', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.workspace')),
                ('colour', models.CharField(blank=True, default='', max_length=7)),
                ('logo', models.BinaryField(null=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('colour', ''), ('colour__regex', '^#[0-9a-f]{6}$'), _connector='OR'), name='branding_colour_is_hex')],
            },
        ),
        migrations.CreateModel(
            name='ReportSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('forms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=4), blank=True, default=list, size=None)),
                ('sections', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, default=list, size=None)),
                ('language', models.CharField(max_length=5)),
                ('every', models.CharField(choices=[('day', 'Every day'), ('week', 'Every week'), ('month', 'Every month')], max_length=5)),
                ('day', models.PositiveSmallIntegerField(default=1)),
                ('at', models.TimeField()),
                ('time_zone', models.CharField(blank=True, default='', max_length=60)),
                ('paused_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('channels', models.ManyToManyField(related_name='+', to='channels_app.channel')),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='ReportRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254)),
                ('created_at', models.DateTimeField()),
                ('asked_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
                ('active_since', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('schedule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='analytics.reportschedule')),
            ],
        ),
        migrations.CreateModel(
            name='ReportDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('leased_by', models.CharField(blank=True, default='', max_length=80)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('parked_at', models.DateTimeField(blank=True, null=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('report', 'Report'), ('ask', 'Request to confirm')], default='report', max_length=6)),
                ('period', models.CharField(max_length=40)),
                ('day', models.DateField(null=True)),
                ('time_zone', models.CharField(blank=True, default='', max_length=60)),
                ('planned_at', models.DateTimeField()),
                ('handed_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', 'On its way'), ('sent', 'Sent'), ('refused', 'Refused by the mail server'), ('unsure', 'Handed over, not confirmed'), ('dropped', 'Not wanted any more'), ('late', 'Too late to be of use'), ('failed', 'Could not be made')], default='', max_length=8)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='analytics.reportrecipient')),
                ('schedule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='analytics.reportschedule')),
            ],
        ),
        migrations.CreateModel(
            name='MediaKit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(blank=True, default='', max_length=400)),
                ('prices', models.CharField(blank=True, default='', max_length=600)),
                ('contact', models.CharField(blank=True, default='', max_length=200)),
                ('shows_languages', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField()),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels_app.channel')),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'channel'), name='media_kit_once')],
            },
        ),
        migrations.CreateModel(
            name='ReportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('leased_by', models.CharField(blank=True, default='', max_length=80)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('parked_at', models.DateTimeField(blank=True, null=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('actor', models.JSONField()),
                ('kind', models.CharField(choices=[('report', 'Report'), ('kit', 'Media kit')], default='report', max_length=8)),
                ('channel', models.CharField(max_length=80)),
                ('form', models.CharField(choices=[('pdf', 'PDF'), ('xlsx', 'XLSX'), ('html', 'HTML'), ('png', 'PNG')], max_length=4)),
                ('language', models.CharField(max_length=5)),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('time_zone', models.CharField(max_length=60)),
                ('sections', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('size', models.PositiveBigIntegerField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False), ('parked_at__isnull', True)), fields=['due_at'], name='report_file_due'), models.Index(fields=['workspace', '-id'], name='report_file_of_workspace'), models.Index(condition=models.Q(('removed_at__isnull', True)), fields=['expires_at'], name='report_file_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('form__in', ['pdf', 'xlsx', 'html', 'png'])), name='report_file_form_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['report', 'kit'])), name='report_file_kind_known'), models.CheckConstraint(condition=models.Q(('first_day__lte', models.F('last_day'))), name='report_file_days_in_order')],
            },
        ),
        migrations.AddIndex(
            model_name='reportschedule',
            index=models.Index(fields=['workspace', 'id'], name='report_schedule_of_workspace'),
        ),
        migrations.AddConstraint(
            model_name='reportschedule',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='report_schedule_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='reportschedule',
            constraint=models.CheckConstraint(condition=models.Q(('every__in', ['day', 'week', 'month'])), name='report_schedule_rhythm_known'),
        ),
        migrations.AddConstraint(
            model_name='reportschedule',
            constraint=models.CheckConstraint(condition=models.Q(('every', 'day'), models.Q(('day__gte', 1), ('day__lte', 7), ('every', 'week')), models.Q(('day__gte', 0), ('day__lte', 28), ('every', 'month')), _connector='OR'), name='report_schedule_day_exists'),
        ),
        migrations.AddIndex(
            model_name='reportrecipient',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='report_recipient_next'),
        ),
        migrations.AddIndex(
            model_name='reportrecipient',
            index=models.Index(fields=['email', 'asked_at'], name='report_recipient_asked'),
        ),
        migrations.AddConstraint(
            model_name='reportrecipient',
            constraint=models.UniqueConstraint(fields=('schedule', 'email'), name='report_recipient_once'),
        ),
        migrations.AddConstraint(
            model_name='reportrecipient',
            constraint=models.CheckConstraint(condition=models.Q(('next_at__isnull', True), models.Q(('active_since__isnull', False), ('confirmed_at__isnull', False), ('removed_at__isnull', True), ('stopped_at__isnull', True)), _connector='OR'), name='report_recipient_wants_what_is_due'),
        ),
        migrations.AddIndex(
            model_name='reportdelivery',
            index=models.Index(condition=models.Q(('due_at__isnull', False), ('parked_at__isnull', True)), fields=['due_at'], name='report_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='reportdelivery',
            index=models.Index(fields=['schedule', '-id'], name='report_delivery_of_schedule'),
        ),
        migrations.AddConstraint(
            model_name='reportdelivery',
            constraint=models.UniqueConstraint(fields=('schedule', 'recipient', 'period'), name='report_delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='reportdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'sent', 'refused', 'unsure', 'dropped', 'late', 'failed'])), name='report_delivery_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='reportdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['report', 'ask'])), name='report_delivery_kind_known'),
        ),
    ]
