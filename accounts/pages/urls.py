"""Addresses of the settings, below /account/."""

from django.urls import path

from accounts.pages import people_views, person_views, token_views, workspace_views, workspaces_views
from accounts.personal import views as personal_views
from accounts.sessions import views as session_views

app_name = "settings"
urlpatterns = [
    path("", person_views.you, name="you"),
    path("security/", person_views.security, name="security"),
    path("security/staff/", person_views.staff_looks, name="security-staff"),
    path("sessions/", session_views.sessions, name="security-sessions"),
    path("sessions/end/", session_views.end_others, name="security-sessions-end"),
    path("sessions/<int:pk>/end/", session_views.end_one, name="security-session-end"),
    path("data/", personal_views.data, name="data"),
    path("data/progress/", personal_views.progress, name="data-progress"),
    path("data/archives/<uuid:public_id>/", personal_views.archive_file, name="data-file"),
    path("data/archives/<uuid:public_id>/remove/", personal_views.remove, name="data-remove"),
    path("data/erase/", personal_views.erase, name="data-erase"),
    path("workspace/", workspace_views.workspace, name="workspace"),
    path("workspace/offer/", workspace_views.offer, name="workspace-offer"),
    path("workspace/offer/end/", workspace_views.drop_offer, name="workspace-drop-offer"),
    path("workspace/offer/accept/", workspace_views.take_over, name="workspace-take-over"),
    path("workspace/delete/", workspace_views.delete, name="workspace-delete"),
    path("workspaces/", workspaces_views.workspaces, name="workspaces"),
    path("workspaces/<uuid:public_id>/leave/", workspaces_views.leave_workspace, name="workspaces-leave"),
    path("workspaces/<uuid:public_id>/restore/", workspaces_views.restore, name="workspaces-restore"),
    path("people/", people_views.people, name="people"),
    path("people/<int:pk>/role/", people_views.role, name="people-role"),
    path("people/<int:pk>/remove/", people_views.remove, name="people-remove"),
    path("people/invited/<uuid:public_id>/again/", people_views.invite_again, name="people-invite-again"),
    path("people/invited/<uuid:public_id>/withdraw/", people_views.withdraw_invitation, name="people-withdraw"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/end-all/", token_views.end_all, name="tokens-end-all"),
    path("tokens/<int:pk>/end/", token_views.end, name="tokens-end"),
]
