"""What this app tells to those above it."""

from django.dispatch import Signal

# Two rows turned out to be one channel: `pending_id` goes, what others hang on it moves to `into_id`. Within the
# transaction of the merging.
channels_merging = Signal()
