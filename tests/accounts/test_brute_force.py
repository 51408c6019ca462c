"""10,000 guesses from very many addresses come to nothing, and shut nobody out of their own account.

7,000 at a password, 1,000 at a code and 2,000 at tokens; those beyond the first hundreds are made where they are
counted, as pages would make the test slow.
"""

import re
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.devices import blurred
from accounts.event_mails import mail_due_events
from accounts.event_models import SecurityEvent
from accounts.factors.guessing import may_guess
from accounts.guarding import NEWCOMER, NEWCOMERS, STRANGERS, Standing, forgive, weigh_password
from accounts.models import User
from accounts.tokens import find_token, new_token_text
from tests.factories import bearer, make_token, make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"
HOME = "192.0.2.10"


@pytest.fixture
def victim() -> User:
    user = make_user(f"victim-{secrets.token_hex(4)}@example.org", password=PASSWORD)
    make_workspace(owner=user)
    return user


def many_addresses(*, ranges: int, each: int) -> Iterator[str]:
    """Addresses of so many /16 networks, and so many of each; of no network of the victim's."""
    for host in range(each):
        for number in range(ranges):
            yield f"{20 + number // 200}.{number % 200}.{host % 250}.{1 + host // 250}"


def guess(email: str, address: str) -> Standing:
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    return weigh_password(request, email, now=timezone.now())


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_guesses_from_very_many_addresses_lock_nobody_out(victim: User) -> None:
    at_home = Client(REMOTE_ADDR=HOME)
    sign_in(at_home, victim)
    at_home.post(reverse("account_logout"))

    looked_at = Counter(guess(victim.email, address) for address in many_addresses(ranges=700, each=10))

    assert sum(looked_at.values()) == 7_000
    refilled = 20  # the test takes a while
    assert looked_at[Standing.FREE] <= STRANGERS.amount + NEWCOMERS.amount + refilled

    # Wherever they are: their browser, their network, and somewhere else by way of their mailbox.
    at_home.defaults["REMOTE_ADDR"] = "198.51.100.7"
    sign_in(at_home, victim)
    assert who(at_home) == str(victim.pk)
    other_browser = Client(REMOTE_ADDR="192.0.2.77")
    sign_in(other_browser, victim)
    assert who(other_browser) == str(victim.pk)
    elsewhere = Client(REMOTE_ADDR="203.0.113.200")
    told = sign_in(elsewhere, victim).content.decode()
    assert who(elsewhere) is None
    assert "we have sent you a mail" in told
    _follow_the_mail(elsewhere)
    sign_in(elsewhere, victim)
    assert who(elsewhere) == str(victim.pk)


def _follow_the_mail(browser: Client) -> None:
    mail_due_events()
    letter = next(one for one in mail.outbox if "held up" in one.subject)
    link = next(iter(re.findall(r"http://127.0.0.1:8000(/account/known/\S+)", str(letter.body))))
    assert browser.get(link).status_code == 200
    assert who(browser) is None
    assert browser.post(link)["Location"] == reverse("account_login")


def test_guesser_learns_nothing_where_the_mailbox_decides(victim: User) -> None:
    for limit, key in ((STRANGERS, ""), (NEWCOMERS, ""), (NEWCOMER, ":198.51.0.0/16")):
        _use_up(limit, f"{blurred(victim.email)}{key}")
    strangers = [Client(REMOTE_ADDR=f"198.51.100.{number}") for number in range(3)]

    right = sign_in(strangers[0], victim)
    wrong = sign_in(strangers[1], victim, "wrong-wrong-wrong")

    assert right.context["form"].errors == wrong.context["form"].errors
    assert (who(strangers[0]), who(strangers[1])) == (None, None)
    kinds = set(SecurityEvent.objects.filter(user=victim).values_list("kind", flat=True))
    assert kinds == {"admitted", "sign_in_refused", "sign_in_slowed"}


def _use_up(limit: Any, key: str) -> None:
    from analyticbot.core.ratelimit import take

    assert take([limit], key=key, cost=limit.amount).allowed


def test_somebody_from_elsewhere_signs_in_while_fewer_guess(victim: User) -> None:
    for address in many_addresses(ranges=40, each=15):
        guess(victim.email, address)
    elsewhere = Client(REMOTE_ADDR="198.51.100.200")

    sign_in(elsewhere, victim)

    assert who(elsewhere) == str(victim.pk)


def test_one_address_and_one_range_have_few_guesses(victim: User) -> None:
    one = Counter(guess(victim.email, "203.0.113.5") for _ in range(50))
    assert one[Standing.FREE] == 10

    of_ipv6 = Counter(guess(victim.email, f"2001:db8:{number:x}::1") for number in range(300))
    assert of_ipv6[Standing.FREE] <= STRANGERS.amount - 10 + NEWCOMER.amount + 2


def test_account_that_does_not_exist_is_counted_alike() -> None:
    email = f"nobody-{secrets.token_hex(4)}@example.org"

    looked_at = Counter(guess(email, address) for address in many_addresses(ranges=10, each=60))

    assert looked_at[Standing.FREE] <= STRANGERS.amount + NEWCOMER.amount * 10 + 2
    told = Client(REMOTE_ADDR="20.0.99.1").post(reverse("account_login"), {"login": email, "password": "x" * 12})
    assert b"we have sent you a mail" in told.content
    mail_due_events()
    assert mail.outbox == []


def test_reset_of_the_password_forgives(victim: User) -> None:
    _use_up(STRANGERS, blurred(victim.email))
    _use_up(NEWCOMERS, blurred(victim.email))
    assert guess(victim.email, "203.0.113.5") == Standing.BY_MAIL

    forgive(victim)

    assert guess(victim.email, "203.0.113.5") == Standing.FREE


def test_known_browser_is_not_known_to_another_account(victim: User) -> None:
    thief = make_user(password=PASSWORD)
    make_workspace(owner=thief)
    browser = Client(REMOTE_ADDR="203.0.113.9")
    sign_in(browser, thief)
    browser.post(reverse("account_logout"))
    _use_up(STRANGERS, blurred(victim.email))
    _use_up(NEWCOMERS, blurred(victim.email))

    sign_in(browser, victim)

    assert who(browser) is None


@pytest.mark.parametrize("cookie", ["", "x", "e30:1:2", "a" * 5_000])
def test_made_up_device_cookie_is_none(victim: User, cookie: str) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.9")
    browser.cookies["device"] = cookie

    sign_in(browser, victim)

    assert who(browser) == str(victim.pk)
    assert browser.cookies["device"].value != cookie


@pytest.mark.parametrize("token", ["", "x", "eyJh:1:2", "é"])
def test_made_up_link_makes_no_browser_known(token: str) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.9")

    assert browser.post(f"/account/known/{token or 'x'}/").status_code == 404
    assert "device" not in browser.cookies


def test_codes_cannot_be_guessed_from_many_addresses(victim: User) -> None:
    addresses = list(many_addresses(ranges=250, each=4))

    allowed = sum(may_guess(RequestFactory().post("/", REMOTE_ADDR=address), victim) for address in addresses)

    assert len(addresses) == 1_000
    assert allowed <= 101


def test_tokens_cannot_be_guessed_and_a_right_one_still_works() -> None:
    workspace = make_workspace()
    right, address = make_token(workspace), "203.0.113.60"
    codes: Counter[int] = Counter()
    for number in range(400):
        where = address if number % 2 else f"198.18.{number // 250}.{number % 250}"
        codes[Client(REMOTE_ADDR=where).get("/api/v2/channels", headers=bearer(new_token_text())).status_code] += 1

    assert set(codes) == {401, 429}
    assert codes[429] >= 150
    # Each is looked up by its digest, and there is nothing to be near to; what nobody could have been given costs
    # not even that.
    assert not any(find_token(new_token_text(), now=timezone.now()) for _ in range(200))
    with CaptureQueriesContext(connection) as queries:
        assert not any(find_token(f"{new_token_text()[:-6]}000000", now=timezone.now()) for _ in range(1_400))
    assert len(queries) == 0
    # Whoever shares the address with the guesser goes on.
    assert Client(REMOTE_ADDR=address).get("/api/v2/channels", headers=bearer(right)).status_code == 200
    assert owner_of(workspace).is_active


def test_second_door_has_the_same_limits(victim: User) -> None:
    """A session that was taken over cannot try passwords at the confirmation for ever."""
    client = Client(REMOTE_ADDR=HOME)
    client.force_login(victim)

    for _ in range(12):
        client.post(reverse("confirm-identity"), {"password": "wrong-wrong-wrong"})
    refused = client.post(reverse("confirm-identity"), {"password": PASSWORD})

    assert refused.status_code == 422
    assert "Too many" in refused.content.decode()
