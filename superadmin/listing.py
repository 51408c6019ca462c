"""Lists that stay quick however long they are: newest first, paged by key, and never counted.

The next page begins below the last key of this one, so it costs the same however deep it lies; a page number would
make the database read all that comes before. COUNT reads every row, therefore nobody is told how many there are.
"""

from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.text import capfirst
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from superadmin.tiers import TierPermission, may

PER_PAGE = 50
BEFORE = "before"


class KeyedChangeList(ChangeList):  # type: ignore[misc]  # Unfold is untyped
    """A page of a list: the rows below the key in ``?before=``, newest first."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        # Where the next page begins; None on the last one.
        self.older: int | None = None
        self.is_first = True
        super().__init__(request, *args, **kwargs)
        self.title = self.model_admin.heading or capfirst(self.opts.verbose_name_plural)

    def get_filters(self, request: HttpRequest) -> Any:
        """Django's. A link that filters or searches begins at the top: it is made without the key."""
        self.filter_params.pop(BEFORE, None)
        return super().get_filters(request)

    def get_ordering(self, request: HttpRequest, queryset: "QuerySet[Any]") -> list[str]:  # noqa: ARG002 - Django's signature
        """Newest first; any other order would need an index of its own and another kind of page."""
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """Read one row more than a page shows: if it is there, so is a next page."""
        rows = self.queryset
        before = request.GET.get(BEFORE, "")
        if before.isascii() and before.isdigit() and len(before) < 19:  # noqa: PLR2004 - what a bigint holds
            rows, self.is_first = rows.filter(pk__lt=int(before)), False
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        self.older = self.result_list[-1].pk if len(found) > self.list_per_page else None
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False

    @property
    def older_query(self) -> str:
        """The query of the next page."""
        query: str = self.get_query_string({BEFORE: str(self.older)})
        return query

    @property
    def newest_query(self) -> str:
        """The query of the first page."""
        query: str = self.get_query_string({})
        return query


class Listing(TierPermission, ModelAdmin):  # type: ignore[misc]  # Unfold is untyped
    """A list of the panel. Rows are read only; what is done to them are pages of their own (`tier_required`)."""

    change_list_template = "superadmin/listing.html"
    list_per_page = PER_PAGE
    show_full_result_count = False
    # They would count the rows behind each filter.
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    actions = None
    list_filter_sheet = False
    # Of Django's pages of a model, those that there are.
    page_names: ClassVar[tuple[str, ...]] = ("changelist", "change")
    # What stands above the list, as in the navigation.
    heading: Any = ""
    # One sentence about what stands in the list, and how to search it.
    about: Any = ""
    # Pages that may be opened from the list: pairs of a title and the name of a URL, with the act they ask for.
    ways: ClassVar[tuple[tuple[Any, str, Any], ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        """The list and the page of a row; nothing is added, changed or deleted here, and history is the trail's."""
        kept = {f"{self.opts.app_label}_{self.opts.model_name}_{name}" for name in self.page_names}
        return [one for one in super().get_urls() if getattr(one, "name", None) in kept]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeyedChangeList]:  # noqa: ARG002 - Django's signature
        """Ours."""
        return KeyedChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Only the filters that are offered. Django lets an address ask for any column: a hash, letter by letter."""
        return lookup in {one.parameter_name for one in self.list_filter}

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: "QuerySet[Any]",
        search_term: str,
    ) -> tuple["QuerySet[Any]", bool]:
        """Rows that `find` finds; what is never in a column (NUL) finds nothing."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "\x00" in term:
            return queryset.none(), False
        return self.find(queryset, term[:200]), False

    def find(self, rows: "QuerySet[Any]", term: str) -> "QuerySet[Any]":  # noqa: ARG002 - others look at the term
        """Rows that `term` names, by an index. Nothing, for a list that cannot be searched."""
        return rows.none()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with what stands above it."""
        ways = [(title, url) for title, url, act in self.ways if may(request.user, act)]
        return super().changelist_view(request, {"about": self.about, "ways": ways, **(extra_context or {})})

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Only looking."""
        return {"add": False, "change": False, "delete": False, "view": self.has_view_permission(request)}


def key_in(term: str) -> int | None:
    """The primary key that was typed, or None."""
    return int(term) if term.isascii() and term.isdigit() and len(term) < 19 else None  # noqa: PLR2004 - as above


def named(row: Model | None) -> str:
    """How a row is called in a list; a dash for none."""
    return str(row) if row is not None else "–"
