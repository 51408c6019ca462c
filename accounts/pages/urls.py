"""Addresses of the settings, below /account/."""

from django.urls import path

from accounts.pages import people_views, person_views, token_views, workspace_views

app_name = "settings"
urlpatterns = [
    path("", person_views.you, name="you"),
    path("security/", person_views.security, name="security"),
    path("data/", person_views.data, name="data"),
    path("workspace/", workspace_views.workspace, name="workspace"),
    path("people/", people_views.people, name="people"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/<int:pk>/end/", token_views.end, name="tokens-end"),
]
