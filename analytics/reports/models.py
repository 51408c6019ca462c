"""What reports leave in the database: files, schedules, who receives them, each delivery, branding and media kits."""

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from analyticbot.core.made_files import MadeFile
from analyticbot.core.work import DueWork
from analytics.reports.timetable import LAST_DAY, MOST_DAY, Every, Rhythm


class ReportKind(models.TextChoices):
    """What a file holds."""

    REPORT = "report", _("Report")
    KIT = "kit", _("Media kit")


class ReportForm(models.TextChoices):
    """What kind of file."""

    PDF = "pdf", "PDF"
    XLSX = "xlsx", "XLSX"
    HTML = "html", "HTML"
    PNG = "png", "PNG"


class Section(models.TextChoices):
    """Parts of a report that may be left out. Headline numbers are in each."""

    SENTENCES = "sentences", _("In a few sentences")
    CHARTS = "charts", _("Charts")
    POSTS = "posts", _("Top posts")
    SOURCES = "sources", _("Who points at the channel")


class ReportFile(MadeFile):
    """A report or media kit that was asked for: what is in it, how far it is, and until when it can be fetched."""

    # Its index is the one below that begins with it.
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=ReportKind, default=ReportKind.REPORT)
    # As it was named: @username or bare id.
    channel = models.CharField(max_length=80)
    form = models.CharField(max_length=4, choices=ReportForm)
    language = models.CharField(max_length=5)
    # The period in whole local days of `time_zone`, both included.
    first_day = models.DateField()
    last_day = models.DateField()
    time_zone = models.CharField(max_length=60)
    sections = ArrayField(models.CharField(max_length=12), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(form__in=ReportForm.values), name="report_file_form_known"),
            models.CheckConstraint(condition=models.Q(kind__in=ReportKind.values), name="report_file_kind_known"),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="report_file_days_in_order"
            ),
        ]
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"],
                name="report_file_due",
                condition=models.Q(due_at__isnull=False, parked_at__isnull=True),
            ),
            # The files of a workspace, newest first.
            models.Index(fields=["workspace", "-id"], name="report_file_of_workspace"),
            # Files to delete.
            models.Index(fields=["expires_at"], name="report_file_expiry", condition=models.Q(removed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel}.{self.form}"

    @classmethod
    def folder(cls) -> Path:
        """Where reports stand."""
        return Path(settings.REPORT_DIR)

    @property
    def ending(self) -> str:
        """The form."""
        return self.form


class ReportSchedule(models.Model):
    """A saved report: of which channels, in which forms, how often, to whom."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Its index is the one below that begins with it.
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    channels = models.ManyToManyField("channels_app.Channel", related_name="+")
    # Files beside the mail itself: "pdf", "xlsx".
    forms = ArrayField(models.CharField(max_length=4), default=list, blank=True)
    sections = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    language = models.CharField(max_length=5)
    every = models.CharField(max_length=5, choices=Every)
    day = models.PositiveSmallIntegerField(default=1)
    at = models.TimeField()
    # Empty: each recipient's own.
    time_zone = models.CharField(max_length=60, blank=True, default="")
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="report_schedule_has_a_name"),
            models.CheckConstraint(condition=models.Q(every__in=Every.values), name="report_schedule_rhythm_known"),
            models.CheckConstraint(
                condition=models.Q(every=Every.DAY)
                | models.Q(every=Every.WEEK, day__gte=1, day__lte=7)
                | models.Q(every=Every.MONTH, day__gte=LAST_DAY, day__lte=MOST_DAY),
                name="report_schedule_day_exists",
            ),
        ]
        indexes = [
            # The schedules of a workspace.
            models.Index(fields=["workspace", "id"], name="report_schedule_of_workspace"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rhythm(self) -> Rhythm:
        """How often and when."""
        return Rhythm(Every(self.every), self.day, self.at)


class ReportRecipient(models.Model):
    """Who receives a saved report. Rows stay after removal: whoever stopped a report is not asked again."""

    # What links in mails name it by, signed.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    email = models.EmailField()
    # A member of the workspace; others confirm first.
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    # Nothing that was due before this is sent: it begins with confirming, and anew after a pause.
    active_since = models.DateTimeField(null=True)
    # When the next report is due; null while nothing is to be sent.
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "email"], name="report_recipient_once"),
            models.CheckConstraint(
                condition=models.Q(next_at__isnull=True)
                | models.Q(
                    confirmed_at__isnull=False,
                    stopped_at__isnull=True,
                    removed_at__isnull=True,
                    active_since__isnull=False,
                ),
                name="report_recipient_wants_what_is_due",
            ),
        ]
        indexes = [
            # Whom to plan for next.
            models.Index(fields=["next_at"], name="report_recipient_next", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def active(self) -> bool:
        """Whether reports go to them while the schedule is not paused."""
        return self.confirmed_at is not None and self.stopped_at is None and self.removed_at is None


class Reply(models.TextChoices):
    """What somebody replied to the question whether they want a saved report."""

    NONE = "", "None"
    YES = "yes", "Yes"
    # Stopped a report they had wanted: the workspace asks no more.
    NO = "no", "No"
    # Never wanted one: nobody asks any more.
    NEVER = "never", "Never"


class AskedAddress(models.Model):
    """That an address was asked. It outlives the saved report: deleting that one and saving it anew asks nobody twice.

    Rows go when they limit nothing any more (`consent.forget_old`); those that say no stay.
    """

    email = models.EmailField()
    # Its index is the one below that begins with it.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    reply = models.CharField(max_length=5, choices=Reply, default=Reply.NONE, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(reply__in=Reply.values), name="asked_address_reply_known"),
        ]
        indexes = [
            # How often an address was asked, over all workspaces, and what it said.
            models.Index(fields=["email", "asked_at"], name="asked_address"),
            # How many a workspace asked.
            models.Index(fields=["workspace", "asked_at"], name="asked_by_workspace"),
        ]

    def __str__(self) -> str:
        return self.email


class DeliveryKind(models.TextChoices):
    """What is sent."""

    REPORT = "report", _("Report")
    ASK = "ask", _("Request to confirm")


class Outcome(models.TextChoices):
    """How a delivery ended."""

    OPEN = "", _("On its way")
    SENT = "sent", _("Sent")
    REFUSED = "refused", _("Refused by the mail server")
    # The mail was handed over, and no answer was heard: it may have arrived. It is not sent twice by itself.
    UNSURE = "unsure", _("Handed over, not confirmed")
    DROPPED = "dropped", _("Not wanted any more")
    LATE = "late", _("Too late to be of use")
    FAILED = "failed", _("Could not be made")


class ReportDelivery(DueWork):
    """One mail to one recipient: at most one for each period of a schedule."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    recipient = models.ForeignKey(ReportRecipient, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=6, choices=DeliveryKind, default=DeliveryKind.REPORT)
    # "2026-11-16/2026-11-22": its days, both included; of a request to confirm, when it was asked.
    period = models.CharField(max_length=40)
    # The local day on which it is due; null of a request to confirm.
    day = models.DateField(null=True)
    time_zone = models.CharField(max_length=60, blank=True, default="")
    planned_at = models.DateTimeField()
    # Set just before the mail itself goes over the wire, and cleared by a clear refusal.
    handed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "recipient", "period"], name="report_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=Outcome.values), name="report_delivery_outcome_known"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=DeliveryKind.values), name="report_delivery_kind_known"),
        ]
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"],
                name="report_delivery_due",
                condition=models.Q(due_at__isnull=False, parked_at__isnull=True),
            ),
            # The latest of a schedule.
            models.Index(fields=["schedule", "-id"], name="report_delivery_of_schedule"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}"


class Branding(models.Model):
    """A workspace's own colour and logo on its reports."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    colour = models.CharField(max_length=7, blank=True, default="")
    # PNG, made anew from what was uploaded.
    logo = models.BinaryField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(colour="") | models.Q(colour__regex=r"^#[0-9a-f]{6}$"), name="branding_colour_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return f"branding of {self.workspace_id}"


class MediaKit(models.Model):
    """What an owner says to advertisers about a channel, beside the numbers."""

    # Its index is the one below that begins with it.
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=400, blank=True, default="")
    prices = models.CharField(max_length=600, blank=True, default="")
    contact = models.CharField(max_length=200, blank=True, default="")
    # Languages of the audience are Telegram's word to the owner; the owner says whether others may read them.
    shows_languages = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel"], name="media_kit_once"),
        ]

    def __str__(self) -> str:
        return f"media kit of {self.channel_id}"
