"""Addresses of second factors, below /account/. allauth's views, each change behind a confirmation."""

from allauth.account.views import password_change, password_set
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from django.urls import path
from django.views.generic import RedirectView

from accounts.factors import confirm_views, views
from accounts.stepup import confirm_first

_to_confirm = RedirectView.as_view(pattern_name="confirm-identity", query_string=True)
_to_security = RedirectView.as_view(pattern_name="settings:security")

urlpatterns = [
    path("confirm/", confirm_views.confirm, name="confirm-identity"),
    # Names by which allauth, and the SuperAdmin panel, ask for it.
    path(
        "reauthenticate/",
        RedirectView.as_view(pattern_name="confirm-identity", query_string=True),
        name="account_reauthenticate",
    ),
    path(
        "factors/reauthenticate/",
        RedirectView.as_view(pattern_name="confirm-identity", query_string=True),
        name="mfa_reauthenticate",
    ),
    # allauth asks nothing of who has no password yet, and lets the old one be guessed by a limit of its own: whoever
    # found a session open would have the account.
    path("password/change/", confirm_first(password_change), name="account_change_password"),
    path("password/set/", confirm_first(password_set), name="account_set_password"),
    path("code/", views.send, name="send-code"),
    path("factors/", _to_security, name="mfa_index"),
    path("factors/sign-in/", views.SignInView.as_view(), name="mfa_authenticate"),
    path("factors/telegram/", views.by_telegram, name="factor-telegram"),
    path("factors/rule/", views.rule, name="factor-rule"),
    path("factors/app/add/", confirm_first(app.activate_totp), name="mfa_activate_totp"),
    path("factors/app/remove/", confirm_first(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("factors/codes/", confirm_first(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("factors/codes/new/", confirm_first(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("factors/keys/", _to_security, name="mfa_list_webauthn"),
    path("factors/keys/add/", confirm_first(keys.add_webauthn), name="mfa_add_webauthn"),
    path("factors/keys/<int:pk>/name/", confirm_first(keys.edit_webauthn), name="mfa_edit_webauthn"),
    path("factors/keys/<int:pk>/remove/", views.remove_key, name="mfa_remove_webauthn"),
    path("factors/keys/sign-in/", keys.login_webauthn, name="mfa_login_webauthn"),
]
