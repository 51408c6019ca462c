"""Static files as browsers get them: stylesheets of every page in one file, modules that import by hashed names.

There is no front-end build: sources are plain files, and what follows happens when they are collected.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Of every page, in the order of the cascade.
STYLESHEETS = tuple(f"css/{name}.css" for name in ("tokens", "base", "components", "charts", "sections", "pages"))
BUNDLE = "css/site.css"
# What `js/page.js` imports, directly and by others: told to the browser at once, it need not find out one by one.
MODULES = tuple(f"js/{name}.js" for name in ("chart", "keys", "live", "morph", "told"))

# "./other.js" in our own modules; a module that kept its plain name would be asked for anew on every page.
_IMPORTS = (
    (r"""(?P<matched>\bfrom\s*["'](?P<url>\./[^"']+)["'])""", 'from "%(url)s"'),
    (r"""(?P<matched>\bimport\s*["'](?P<url>\./[^"']+)["'])""", 'import "%(url)s"'),
    (r"""(?P<matched>\bimport\(\s*["'](?P<url>\./[^"']+)["']\s*\))""", 'import("%(url)s")'),
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
# Not around colons: "a :hover" and "a:hover" are different selectors.
_BESIDE = re.compile(r" ?([{};,]) ?")


def squeezed(sheet: str) -> str:
    """A stylesheet without comments and the space that means nothing; strings of ours hold none of what is cut."""
    return _BESIDE.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", sheet))).strip()


class BundledStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Hashed names, compressed files, and one stylesheet instead of six: each request costs a phone a round trip."""

    bundle = BUNDLE
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _IMPORTS))

    def post_process(self, paths: dict[str, Any], **options: Any) -> Iterator[tuple[str, str, Any]]:
        """Make the bundle, then hash and compress it with the rest."""
        if not options.get("dry_run") and all(name in paths for name in STYLESHEETS):
            if self.exists(BUNDLE):
                self.delete(BUNDLE)
            self._save(BUNDLE, ContentFile("\n".join(map(self._squeezed, STYLESHEETS)).encode()))
            paths[BUNDLE] = (self, BUNDLE)
        yield from super().post_process(paths, **options)

    def _squeezed(self, name: str) -> str:
        with self.open(name) as source:
            return squeezed(source.read().decode())
