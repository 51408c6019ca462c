"""Which plan a workspace has."""

from django.db import models
from django.db.models import Q

from billing.plans import Plan


class WorkspacePlan(models.Model):
    """The plan of a workspace; one without a row has the default plan."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, primary_key=True, related_name="+")
    plan = models.CharField(max_length=12, choices=Plan)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(plan__in=Plan.values), name="plan_known")]

    def __str__(self) -> str:
        return f"{self.workspace_id} has {self.plan}"
