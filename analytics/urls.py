"""Addresses of the pages."""

from django.urls import path

from analytics import views

app_name = "pages"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("app/", views.channels, name="channels"),
    path("app/add/", views.add_channel, name="add-channel"),
    path("app/channels/<str:name>/", views.channel, name="channel"),
    path("app/tracked/<int:pk>/", views.channel_progress, name="channel-progress"),
    path("app/tracked/<int:pk>/collecting/", views.collecting, name="collecting"),
    path("app/tracked/<int:pk>/remove/", views.remove_channel, name="remove-channel"),
    path("app/settings/", views.settings_page, name="settings"),
    path("preferences/theme/", views.set_theme, name="theme"),
]
