"""People who are signed in and have just confirmed that it is them."""

from django.test import Client
from django.urls import reverse

from accounts.models import User

PASSWORD = "correct-horse-battery"


def confirmed(user: User) -> Client:
    """A browser in which the person has signed in just now, through the real door."""
    client = Client(REMOTE_ADDR=f"10.9.{user.pk % 250}.{user.pk // 250 % 250}")
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert response.status_code == 302, response.content
    return client
