"""What others have made is kept as they published it."""

import hashlib
import re

from django.conf import settings

FOLDER = settings.BASE_DIR / "static" / "vendor"
PLOTLY = "plotly-basic-4.1.1.min.js"
SHA256 = "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"


def test_plotly_is_as_published() -> None:
    content = (FOLDER / PLOTLY).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256
    assert b"v4.1.1" in content[:100]


def test_what_is_kept_is_told_with_its_licence() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert SHA256 in told
    assert "MIT" in (FOLDER / "plotly-basic-4.1.1.LICENSE").read_text(encoding="utf-8")
    for path in FOLDER.iterdir():
        assert path.name == "README.md" or path.name in told


def test_our_script_names_the_style_elements_that_plotly_would_write() -> None:
    """It leaves them out where it finds their ids; under the content policy it may write none."""
    bundle = (FOLDER / PLOTLY).read_text(encoding="utf-8")
    ours = (settings.BASE_DIR / "static" / "js" / "plot.js").read_text(encoding="utf-8")
    written = bundle.count('createElement("style")')
    named = re.findall(r'getElementById\("([0-9a-f]{64})"\)', bundle)
    assert written == 1 + len(named)
    assert all(f'"{one}"' in ours for one in named)
    assert '"plotly.js-style-"+e' in bundle
    assert '"plotly.js-style-global"' in ours
