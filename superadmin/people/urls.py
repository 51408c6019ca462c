"""Addresses below /superadmin/ about people."""

from django.urls import URLPattern, path

from superadmin.people import approval_views, views

urlpatterns: list[URLPattern] = [
    path("people/new/", views.new_person, name="new-person"),
    path("people/<int:pk>/<slug:slug>/", views.person_act, name="person-act"),
    path("workspaces/<int:pk>/<slug:slug>/", views.workspace_act, name="workspace-act"),
    path("impersonation/end/", views.stop_impersonation, name="stop-impersonation"),
    path("tokens/<int:pk>/revoke/", views.end_token, name="end-token"),
    path("links/<int:pk>/revoke/", views.end_link, name="end-link"),
    path("approvals/<int:pk>/agree/", approval_views.agree, name="agree"),
    path("approvals/<int:pk>/refuse/", approval_views.disagree, name="disagree"),
    path("networks/new/", approval_views.new_network, name="new-network"),
    path("networks/<int:pk>/remove/", approval_views.end_network, name="end-network"),
]
