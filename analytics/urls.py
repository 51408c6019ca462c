"""Addresses of the pages."""

from django.urls import path

from analytics import (
    compare_views,
    export_views,
    import_views,
    landing_views,
    list_views,
    palette_views,
    post_views,
    search_views,
    start_views,
    theme_views,
    views,
)
from analytics.notes import views as note_views
from analytics.reports import urls as report_urls
from analytics.saved import views as segment_views
from analytics.sections.file_views import section_file
from analytics.sections.places import OVERVIEW, SECTIONS
from analytics.sections.views import section_view
from analytics.sharing import urls as sharing_urls
from analytics.tags import views as tag_views

app_name = "pages"
urlpatterns = [
    path("", landing_views.landing, name="landing"),
    path("app/", list_views.channels, name="channels"),
    path("app/add/", start_views.add_channel, name="add-channel"),
    path("app/first-steps/hide/", start_views.put_steps_away, name="hide-steps"),
    path("app/compare/", compare_views.compare, name="compare"),
    path("app/exports/", export_views.exports, name="exports"),
    path("app/exports/progress/", export_views.export_progress, name="export-progress"),
    path("app/exports/<uuid:public_id>/remove/", export_views.remove_export, name="remove-export"),
    path("app/import/", import_views.import_page, name="import"),
    path("app/import/progress/", import_views.import_progress, name="import-progress"),
    path("app/tags/", tag_views.tags, name="tags"),
    path("app/tags/put/", tag_views.put, name="put-tag"),
    path("app/tags/change/", tag_views.change, name="change-tag"),
    path("app/palette/", palette_views.palette, name="palette"),
    path("app/palette/posts/", search_views.palette_posts, name="palette-posts"),
    path("app/search/", search_views.search, name="search"),
    path("app/channels/<str:name>/", section_view(OVERVIEW), name="channel"),
    path("app/channels/<str:name>/notes/add/", note_views.new_note, name="add-note"),
    path("app/channels/<str:name>/notes/<uuid:public_id>/", note_views.edit_note, name="note"),
    path("app/channels/<str:name>/notes/<uuid:public_id>/remove/", note_views.delete_note, name="remove-note"),
    *(path(f"app/channels/<str:name>/{one}/", section_view(one), name=one) for one in SECTIONS),
    path("app/channels/<str:name>/<str:section>/files/<str:what>.<str:form>", section_file, name="section-file"),
    path("app/channels/<str:name>/posts/<int:msg_id>/", post_views.post_page, name="post"),
    path("app/segments/", segment_views.add_segment, name="add-segment"),
    path("app/segments/<uuid:public_id>/", segment_views.change_segment, name="segment"),
    path("app/segments/<uuid:public_id>/remove/", segment_views.delete_segment, name="remove-segment"),
    path("app/tracked/<int:pk>/", list_views.channel_progress, name="channel-progress"),
    path("app/tracked/<int:pk>/collecting/", views.collecting, name="collecting"),
    path("app/tracked/<int:pk>/remove/", views.remove_channel, name="remove-channel"),
    path("preferences/theme/", theme_views.set_theme, name="theme"),
    *report_urls.urlpatterns,
    *sharing_urls.urlpatterns,
]
