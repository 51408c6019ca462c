"""Addresses of the documents."""

from django.urls import path

from accounts.legal.documents import TEXTS
from accounts.legal.views import show

urlpatterns = [path(f"{document}/", show, {"document": document}, name=document) for document in TEXTS]
