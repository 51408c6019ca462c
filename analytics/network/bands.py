"""Bands of channels by their number of subscribers. Pure."""

from bisect import bisect_right

# First number of subscribers of each band; the last has no end. Telegram's own dynamics differ by an order of magnitude
# between these: a channel of friends, a niche, a city, a country.
BANDS = (0, 1_000, 5_000, 20_000, 100_000, 1_000_000)
# Fewer channels than this are not shown: their figures would be those of someone.
LEAST_CHANNELS = 5
PERCENTILES = (10, 25, 50, 75, 90)
RATES = ("err", "err24", "er_views", "virality")


def band_of(subscribers: int) -> int:
    """The number of the band, from 0."""
    return bisect_right(BANDS, subscribers) - 1


def bounds_of(band: int) -> tuple[int, int | None]:
    """First number of subscribers of the band, and the first beyond it (None: no end)."""
    return BANDS[band], BANDS[band + 1] if band + 1 < len(BANDS) else None
