"""Addresses below /superadmin/ about the running of the service."""

from django.urls import URLPattern, path

from superadmin.running import (
    audit_views,
    business_views,
    configuration_views,
    system_views,
    telegram_views,
    views,
    work_views,
)

urlpatterns: list[URLPattern] = [
    path("channels/<int:pk>/<slug:slug>/", views.channel_act, name="channel-act"),
    path("telegram/sign-in/", telegram_views.sign_in, name="telegram-sign-in"),
    path("telegram/sign-in/code/", telegram_views.enter_code, name="telegram-code"),
    path("telegram/sign-in/password/", telegram_views.enter_password, name="telegram-password"),
    path("telegram/<int:pk>/<slug:slug>/", views.account_act, name="account-act"),
    path("work/", work_views.overview, name="work"),
    path("work/<str:table>/", work_views.rows, name="work-rows"),
    path("work/<str:table>/replay/", work_views.replay_all, name="work-replay-all"),
    path("work/<str:table>/<str:pk>/replay/", work_views.replay_one, name="work-replay"),
    path("configuration/", configuration_views.overview, name="configuration"),
    path("configuration/<str:key>/", configuration_views.value, name="configuration-value"),
    path("configuration/<str:key>/<int:version>/", configuration_views.revert, name="configuration-revert"),
    path("system/", system_views.overview, name="system"),
    path("system/now/", system_views.present, name="system-now"),
    path("business/", business_views.overview, name="business"),
    path("audit/verify/", audit_views.verify, name="audit-verify"),
    path("audit/export/", audit_views.export, name="audit-export"),
]
