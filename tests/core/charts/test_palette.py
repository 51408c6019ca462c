"""The palette: told apart by every sight, and the same in files as on pages."""

import math
import re
from pathlib import Path

import pytest
from django.conf import settings

from analyticbot.core.charts.markup import INKS


def _linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


# Machado, Oliveira and Fernandes 2009, severity 1.
_SIGHT: dict[str, list[list[float]]] = {
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def _lab(rgb: list[float]) -> list[float]:
    r, g, b = (min(max(part, 0.0), 1.0) for part in rgb)
    xyz = [
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    ]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def _palette(theme: str) -> dict[str, str]:
    """The tokens of the style sheet in a theme."""
    sheet = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    light, dark = sheet.split(':root[data-theme="dark"]')
    block = dark if theme == "dark" else light.split("@media")[0]
    return dict(re.findall(r"--([\w-]+): (#\w{6});", block))


def _inks(theme: str) -> list[str]:
    tokens = _palette(theme)
    return [*(tokens[f"chart-{number}"] for number in range(1, 5)), tokens["ink"]]


def test_inks_of_files_are_those_of_the_light_pages() -> None:
    assert list(INKS.values()) == _inks("light")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", _SIGHT)
def test_palette_is_told_apart_by_every_sight(sight: str, theme: str) -> None:
    seen = [
        _lab([sum(f * p for f, p in zip(row, _linear(ink), strict=True)) for row in _SIGHT[sight]])
        for ink in _inks(theme)
    ]
    distances = {(i, j): math.dist(seen[i], seen[j]) for i in range(5) for j in range(i)}
    assert min(distances.values()) > 10, {pair: round(d) for pair, d in distances.items()}
