"""Addresses of signing in with Telegram, below /account/telegram/."""

from django.urls import path

from accounts.telegram import views

urlpatterns = [
    path("", views.telegram, name="telegram"),
    path("back/<str:state>/", views.back, name="telegram-back"),
    path("app/", views.mini_app, name="telegram-app"),
    path("connect/", views.connect, name="telegram-connect"),
    path("disconnect/", views.disconnect, name="telegram-disconnect"),
]
