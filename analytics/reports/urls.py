"""Addresses of the pages of reports."""

from django.urls import path

from analytics.reports import kit_views, schedule_views, stop_views, views

urlpatterns = [
    path("app/reports/", views.reports, name="reports"),
    path("app/reports/progress/", views.report_progress, name="report-progress"),
    path("app/reports/files/<uuid:public_id>/remove/", views.remove_report, name="remove-report"),
    path("app/reports/branding/", schedule_views.branding, name="report-branding"),
    path("app/reports/new/", schedule_views.new_schedule, name="new-schedule"),
    path("app/reports/saved/<uuid:public_id>/", schedule_views.edit_schedule, name="schedule"),
    path("app/reports/saved/<uuid:public_id>/preview/", schedule_views.preview, name="report-preview"),
    path("app/reports/saved/<uuid:public_id>/preview/mail/", schedule_views.preview_mail, name="report-preview-mail"),
    path("app/reports/saved/<uuid:public_id>/<str:act>/", schedule_views.act_on_schedule, name="act-on-schedule"),
    path("app/reports/mails/<uuid:public_id>/repeat/", schedule_views.repeat, name="repeat-delivery"),
    path("app/channels/<str:name>/report/", views.report_page, name="report"),
    path("app/channels/<str:name>/media-kit/", kit_views.media_kit, name="media-kit"),
    path("app/channels/<str:name>/media-kit/file/", kit_views.make_media_kit, name="make-media-kit"),
    path("reports/stop/<str:token>/", stop_views.stop, name="report-stop"),
    path("reports/confirm/<str:token>/", stop_views.confirm, name="report-confirm"),
]
