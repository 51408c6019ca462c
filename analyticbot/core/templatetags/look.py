"""Icons in templates, drawn by ourselves on a grid of 24; the stylesheets and modules of every page."""

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from analyticbot.core.assets import MODULES, STYLESHEETS

register = template.Library()

_SHEET = '<link rel="stylesheet" href="{}">'
# Nothing of it is needed for the first paint.
_MODULE = '<link rel="modulepreload" href="{}" fetchpriority="low">'

_ICONS = {
    "plus": "M12 5v14M5 12h14",
    "cross": "m6.5 6.5 11 11M17.5 6.5l-11 11",
    "load": "M12 4v10.5M7.5 10.5 12 15l4.5-4.5M5 19.5h14",
    "left": "m14.5 6-6 6 6 6",
    "right": "m9.5 6 6 6-6 6",
    "down": "m6 9.5 6 6 6-6",
    "out": "M9 6H6.5A1.5 1.5 0 0 0 5 7.5v10A1.5 1.5 0 0 0 6.5 19h10a1.5 1.5 0 0 0 1.5-1.5V15M13 5h6v6M19 5l-8.5 8.5",
    "info": "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5M12 8v.01",
    "warning": "M12 4 3.5 19h17zM12 10v4M12 16.7v.01",
    "close": "M7 7l10 10M17 7 7 17",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "refresh": "M19 12a7 7 0 1 1-2.3-5.2M19 4v4h-4",
    "chart": "M5 19.5V5M5 19.5h14.5M8.5 15l3.5-4 3 2.5 4-6",
    "compare": "M8 5 4 9l4 4M4 9h12M16 11l4 4-4 4M20 15H8",
    "filter": "M4.5 6h15M7.5 12h9M10.5 18h3",
    "dots": "M5 11.5h.8v1H5zM11.6 11.5h.8v1h-.8zM18.2 11.5h.8v1h-.8z",
    "calendar": "M5 6.5h14v13H5zM5 10.5h14M9 4v4M15 4v4",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20c1-3.5 4-5 7.5-5s6.5 1.5 7.5 5",
    "bin": "M5 7h14M10 4h4M7 7l.8 12.5h8.4L17 7M10.2 11v5M13.8 11v5",
    "table": "M4.5 5.5h15v13h-15zM4.5 10h15M4.5 14.3h15M10 5.5v13",
    "eye": "M2.5 12s3.5-6 9.5-6 9.5 6 9.5 6-3.5 6-9.5 6-9.5-6-9.5-6ZM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
    "heart": "M12 19.5S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3c0 5.7-8 10.2-8 10.2Z",
    "bubble": "M4.5 6h15v10.5H11L7 20v-3.5H4.5z",
    "flag": "M6 20.5V4.5M6 5.5h11l-2.5 3.7L17 13H6",
    "tag": "M4.5 4.5h7.3l7.7 7.7-7.3 7.3-7.7-7.7zM8.7 8.7v.01",
    "pen": "m5 19 1-4L16.5 4.5l3 3L9 18zM14.5 6.5l3 3",
    "cards": "M4.5 5h6.5v6.2H4.5zM13.5 5H20v6.2h-6.5zM4.5 13.8h6.5V20H4.5zM13.5 13.8H20V20h-6.5z",
    "search": "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15 15l4.5 4.5",
    "lock": "M6 11h12v8.5H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2",
    "share": "M9 12h6M10 7.5H7.5a4.5 4.5 0 0 0 0 9H10M14 7.5h2.5a4.5 4.5 0 0 1 0 9H14",
    "copy": "M8.5 8.5V5h10.5v10.5h-3.5M5 8.5h10.5V19H5z",
    "zoom": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3 20 20M10.5 8v5M8 10.5h5",
    "minus": "M5 12h14",
    "forward": "m13 6 6 6-6 6M19 12H9a4.5 4.5 0 0 0-4.5 4.5V18",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """The icon of that name; decoration, so it is not read out."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        mark_safe(_ICONS[name]),  # noqa: S308 - a constant of ours
    )


@register.simple_tag
def stylesheets() -> SafeString:
    """Links to the stylesheets of every page: to one file where they were collected, else to each."""
    bundle = None if settings.DEBUG else getattr(staticfiles_storage, "bundle", None)
    sheets = (bundle,) if bundle else STYLESHEETS
    return format_html_join("\n", _SHEET, ((staticfiles_storage.url(one),) for one in sheets))


@register.simple_tag
def modules() -> SafeString:
    """Links that have the browser fetch what our script imports before it has read the script."""
    return format_html_join("\n", _MODULE, ((staticfiles_storage.url(one),) for one in MODULES))
