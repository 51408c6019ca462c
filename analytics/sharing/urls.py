"""Addresses of shared links: of members below /app/shared/, of strangers below /s/."""

from django.urls import path

from analytics.sharing import public_views, views

urlpatterns = [
    path("app/shared/", views.shared_links, name="shared-links"),
    path("app/shared/new/", views.new_link, name="share"),
    path("app/shared/<uuid:public_id>/", views.shared_link, name="shared-link"),
    path("app/shared/<uuid:public_id>/password/", views.change_link_password, name="shared-link-password"),
    path("app/shared/<uuid:public_id>/rotate/", views.rotate_shared_link, name="rotate-shared-link"),
    path("app/shared/<uuid:public_id>/revoke/", views.revoke_shared_link, name="revoke-shared-link"),
    path("s/embed.js", public_views.embed_script, name="embed-script"),
    path("s/<str:token>/", public_views.shared, name="shared"),
    path("s/<str:token>/embed/", public_views.embedded, name="shared-embed"),
    path("s/<str:token>/badge.svg", public_views.badge_image, name="shared-badge"),
    path("s/<str:token>/og.png", public_views.preview_image, name="shared-preview"),
    path("s/<str:token>/<str:section>/files/<str:name>.<str:form>", public_views.shared_file, name="shared-file"),
    path("s/<str:token>/<str:section>/", public_views.shared, name="shared-section"),
]
