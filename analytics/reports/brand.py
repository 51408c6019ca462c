"""A workspace's own colour and logo: checked when they are given, put on reports where the plan says so."""

import io
import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import InvalidInput
from analytics.reports.models import Branding
from billing.limits import limits_for

OUR_COLOUR = "#2350c9"
# A logo is kept no larger than this each way; it is printed 30 mm wide at most.
LARGEST = 512
MOST_BYTES = 2_000_000
# What a picture may hold when unpacked: far above any logo, far below what would fill the memory.
_MOST_PIXELS = 25_000_000
_KINDS = ("PNG", "JPEG", "WEBP")
# What Pillow raises for bytes that are no picture, a broken one, or one that would fill the memory.
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
)
_HEX = re.compile(r"#[0-9a-f]{6}")
# WCAG 2.2, 1.4.3: text on the colour is white and large, the colour's own text is on white.
_LEAST_CONTRAST = 4.5


@dataclass(frozen=True, slots=True)
class Brand:
    """What a report wears. `own`: the workspace's, not ours. `logo`: PNG."""

    colour: str = OUR_COLOUR
    logo: bytes | None = None
    name: str = "AnalyticBot"
    own: bool = False


def brand_of(workspace: Workspace) -> Brand:
    """The workspace's branding where its plan allows one, else ours."""
    row = Branding.objects.filter(workspace=workspace).first()
    if row is None or not may_brand(workspace):
        return Brand()
    return Brand(
        colour=row.colour or OUR_COLOUR,
        logo=bytes(row.logo) if row.logo else None,
        name=workspace.name,
        own=bool(row.colour or row.logo),
    )


def may_brand(workspace: Workspace) -> bool:
    """Whether the plan of the workspace lets reports wear its own colours."""
    return limits_for(workspace).branding


@transaction.atomic
def change_branding(
    workspace: Workspace,
    *,
    colour: str,
    logo: IO[bytes] | None,
    removes_logo: bool,
    actor: Actor,
    now: datetime,
) -> Branding:
    """Set colour and logo. `colour` "": ours. Raises InvalidInput naming the field."""
    checked, picture = checked_colour(colour), None if logo is None else checked_logo(logo)
    row, _made = Branding.objects.select_for_update().get_or_create(workspace=workspace, defaults={"changed_at": now})
    before = {"colour": row.colour, "logo": row.logo is not None}
    row.colour, row.changed_at = checked, now
    if picture is not None:
        row.logo = picture
    elif removes_logo:
        row.logo = None
    row.save()
    after = {"colour": row.colour, "logo": row.logo is not None}
    record_audit(
        AuditAction.BRANDING_CHANGED,
        row,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before=before,
        after=after,
    )
    return row


def checked_colour(text: str) -> str:
    """A colour as #rrggbb; empty stays empty. Raises InvalidInput for what white letters could not be read on."""
    colour = text.strip().lower()
    if not colour:
        return ""
    if not _HEX.fullmatch(colour):
        raise InvalidInput(_("Write the colour like #2350c9."), field="colour")
    if contrast_with_white(colour) < _LEAST_CONTRAST:
        raise InvalidInput(_("White letters could not be read on this colour. Choose a darker one."), field="colour")
    return colour


def contrast_with_white(colour: str) -> float:
    """Contrast ratio of #rrggbb with white, 1 to 21 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # noqa: PLR2004
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def checked_logo(file: IO[bytes]) -> bytes:
    """The picture drawn anew as PNG, at most 512 pixels each way: nothing that was hidden in the file is kept.

    Raises InvalidInput for anything but a PNG, JPEG or WebP of decent size.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidInput(_("The picture is larger than 2 MB."), field="logo")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # Only these readers look at the bytes at all.
            with Image.open(io.BytesIO(content), formats=_KINDS) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise InvalidInput(_("The picture has too many pixels."), field="logo")
                drawn = picture.convert("RGBA")
                drawn.info.clear()  # colour profiles and the like would be written again
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombWarning,
        Image.DecompressionBombError,
    ):
        raise InvalidInput(_("This is no PNG, JPEG or WebP picture that can be read."), field="logo") from None
    drawn.thumbnail((LARGEST, LARGEST))
    written = io.BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return written.getvalue()
