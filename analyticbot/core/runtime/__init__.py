"""Values that the operator changes while processes run: typed, declared with a default, kept as versions.

Reading one costs a look into this process's memory; a change is seen by every process within five seconds.
"""

from analyticbot.core.runtime.declared import (
    ALERTS,
    EXPORTS,
    HISTORY,
    JOINING,
    RAW_DAYS,
    SHARED_LINKS,
    SIGN_UP,
    STATISTICS,
    UPDATES,
)
from analyticbot.core.runtime.values import Choice, Group, Switch, Value, Whole, declare, declared_values

__all__ = [
    "ALERTS",
    "EXPORTS",
    "HISTORY",
    "JOINING",
    "RAW_DAYS",
    "SHARED_LINKS",
    "SIGN_UP",
    "STATISTICS",
    "UPDATES",
    "Choice",
    "Group",
    "Switch",
    "Value",
    "Whole",
    "declare",
    "declared_values",
]
