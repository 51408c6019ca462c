"""What Telegram signed is believed; everything that looks like it is not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from accounts.telegram.signed import PRODUCTION_KEY, Untrusted, read_init_data, read_signed_init_data, read_widget
from tests.accounts.telegram.signing import BOT_ID, TOKEN, hashed, init_data, init_fields, signed, widget

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TELEGRAM = KEY.public_key().public_bytes_raw()
# A launch that Telegram itself signed, published by the documentation of telegram-mini-apps.
REAL = (
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A"
    "%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22"
    "allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F"
    "4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private"
    "&auth_date=1733509682&signature=TYJxVcisqbWjtodPepiJ6ghziUL94-KNpG8Pau-X7oNNLNBM72APCpi_RKiUlBvcqo5L-LAxIc3dnTzcZX"
    "_PDg&hash=a433d8f9847bd6addcc563bff7cc82c89e97ea0d90c11fe5729cae6796a36d73"
)
REAL_BOT, REAL_AT = "7342037359", datetime.fromtimestamp(1733509682, UTC)


def init_reason(text: str, *, telegram_key: bytes | None = None, now: datetime = NOW) -> str:
    with pytest.raises(Untrusted) as refused:
        read_init_data(text, bot_token=TOKEN, now=now, telegram_key=telegram_key)
    return refused.value.reason


def widget_reason(fields: dict[str, str] | list[tuple[str, str]]) -> str:
    with pytest.raises(Untrusted) as refused:
        read_widget(list(fields.items()) if isinstance(fields, dict) else fields, bot_token=TOKEN, now=NOW)
    return refused.value.reason


def test_launch_that_telegram_signed_is_believed() -> None:
    person = read_signed_init_data(REAL, bot_id=REAL_BOT, now=REAL_AT, telegram_key=PRODUCTION_KEY)

    assert (person.telegram_id, person.name, person.username) == (279058397, "Vladislav + - ? / Kibenko", "vdkfrost")
    assert person.may_write


@pytest.mark.parametrize(
    ("text", "bot", "reason"),
    [
        (REAL, "7342037358", "signature"),
        (REAL.replace("279058397", "279058398"), REAL_BOT, "signature"),
        (REAL.replace("signature=TY", "signature=tY"), REAL_BOT, "signature"),
        (REAL.replace("chat_type=private", "chat_type=group"), REAL_BOT, "signature"),
        (REAL.replace("&signature=", "&signatur="), REAL_BOT, "unsigned"),
        (REAL + "&start_param=x", REAL_BOT, "signature"),
        (REAL + "&auth_date=1733509682", REAL_BOT, "doubled"),
    ],
)
def test_launch_that_telegram_signed_otherwise_is_not(text: str, bot: str, reason: str) -> None:
    with pytest.raises(Untrusted) as refused:
        read_signed_init_data(text, bot_id=bot, now=REAL_AT, telegram_key=PRODUCTION_KEY)
    assert refused.value.reason == reason


def test_launch_of_our_bot_is_believed() -> None:
    person = read_init_data(init_data(now=NOW), bot_token=TOKEN, now=NOW)

    assert (person.telegram_id, person.name, person.username) == (279058397, 'Влад "q" + &', "vdk")
    assert (person.may_write, person.signed_at) == (True, NOW)


def test_launch_with_a_signature_keeps_it_in_what_is_hashed() -> None:
    text = urlencode(hashed(signed(init_fields(now=NOW), key=KEY)))

    assert read_init_data(text, bot_token=TOKEN, now=NOW, telegram_key=TELEGRAM).telegram_id == 279058397


def test_widget_is_believed() -> None:
    fields = widget(now=NOW, last_name="K.", photo_url="https://t.me/i/userpic/320/x.jpg")

    person = read_widget(list(reversed(fields.items())), bot_token=TOKEN, now=NOW)

    assert (person.telegram_id, person.name, person.username) == (279058397, "Vlad + & = K.", "vdk")


FIELDS = init_fields(now=NOW)
GOOD = hashed(FIELDS)
SECRET_OF_WIDGET = hashlib.sha256(TOKEN.encode()).digest()
SWAPPED = hmac.new(TOKEN.encode(), b"WebAppData", hashlib.sha256).digest()
CHECK = "\n".join(f"{name}={FIELDS[name]}" for name in sorted(FIELDS))


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


FORGED: dict[str, tuple[str, str]] = {
    "empty": ("", "unsigned"),
    "no form at all": ("hello", "malformed"),
    "broken utf-8": ("user=%ff&hash=" + "0" * 64, "malformed"),
    "no hash": (urlencode(FIELDS), "unsigned"),
    "empty hash": (urlencode({**FIELDS, "hash": ""}), "unsigned"),
    "hash in capitals": (urlencode({**FIELDS, "hash": GOOD["hash"].upper()}), "unsigned"),
    "half a hash": (urlencode({**FIELDS, "hash": GOOD["hash"][:32]}), "unsigned"),
    "zeros for a hash": (urlencode({**FIELDS, "hash": "0" * 64}), "hash"),
    "another person": (urlencode({**GOOD, "user": GOOD["user"].replace("279058397", "279058398")}), "hash"),
    "another date": (urlencode({**GOOD, "auth_date": str(int(NOW.timestamp()) + 1)}), "hash"),
    "a field more": (urlencode({**GOOD, "start_param": "x"}), "hash"),
    "a field less": (urlencode({name: value for name, value in GOOD.items() if name != "query_id"}), "hash"),
    "a field renamed": (urlencode(GOOD).replace("query_id", "query_ix"), "hash"),
    "a field twice": (urlencode(GOOD) + "&user=" + quote(GOOD["user"]), "doubled"),
    "a hash twice": (urlencode(GOOD) + "&hash=" + GOOD["hash"], "doubled"),
    "another bot's": (init_data(now=NOW, token="7000000002:another"), "hash"),
    "token and word swapped": (urlencode({**FIELDS, "hash": _mac(SWAPPED, CHECK)}), "hash"),
    "the widget's secret": (urlencode({**FIELDS, "hash": _mac(SECRET_OF_WIDGET, CHECK)}), "hash"),
    "the token for a key": (urlencode({**FIELDS, "hash": _mac(TOKEN.encode(), CHECK)}), "hash"),
    "written anew": (urlencode({**GOOD, "user": json.dumps(json.loads(GOOD["user"]))}), "hash"),
    "encoded twice": (quote(urlencode(GOOD), safe="=&"), "hash"),
    "eleven minutes old": (init_data(now=NOW - timedelta(minutes=11)), "stale"),
    "from the future": (init_data(now=NOW + timedelta(minutes=1)), "future"),
    "no date": (urlencode(hashed({name: FIELDS[name] for name in ("query_id", "user")})), "undated"),
    "a date in words": (urlencode(hashed(init_fields(now=NOW, auth_date="now"))), "undated"),
    "a date in other digits": (urlencode(hashed(init_fields(now=NOW, auth_date="١٧٣٣٥٠٩٦٨٢"))), "undated"),
    "a date beyond all dates": (urlencode(hashed(init_fields(now=NOW, auth_date="9" * 15))), "undated"),
    "a negative date": (urlencode(hashed(init_fields(now=NOW, auth_date="-1733509682"))), "undated"),
    "nobody": (urlencode(hashed({name: FIELDS[name] for name in ("query_id", "auth_date")})), "nobody"),
    "no JSON": (init_data(now=NOW, user="{"), "nobody"),
    "a list": (init_data(now=NOW, user="[1]"), "nobody"),
    "an id in words": (init_data(now=NOW, user='{"id":"279058397"}'), "nobody"),
    "true for an id": (init_data(now=NOW, user='{"id":true}'), "nobody"),
    "a broken id": (init_data(now=NOW, user='{"id":2.5}'), "nobody"),
    "a negative id": (init_data(now=NOW, user='{"id":-5}'), "nobody"),
    "no id": (init_data(now=NOW, user='{"id":0}'), "nobody"),
    "a huge id": (init_data(now=NOW, user='{"id":%s}' % ("9" * 30)), "nobody"),
    "a bot": (init_data(now=NOW, user='{"id":5,"is_bot":true}'), "nobody"),
    "a NUL": (urlencode(hashed(init_fields(now=NOW, start_param="a\x00b"))), "malformed"),
    "a line break for a name": (urlencode(hashed({**FIELDS, "a\nb": "c"})), "malformed"),
    "an empty name": (urlencode(hashed({**FIELDS, "": "c"})), "malformed"),
    "very long": (init_data(now=NOW, start_param="x" * 5_000), "too_long"),
    "very many": ("&".join(f"a{n}=1" for n in range(100)), "malformed"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_launch_is_refused(kind: str) -> None:
    text, reason = FORGED[kind]

    assert init_reason(text) == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (hashed(FIELDS), "unsigned"),
        (hashed({**FIELDS, "signature": "x" * 86}), "signature"),
        (hashed({**FIELDS, "signature": ""}), "unsigned"),
        (hashed(signed(FIELDS, key=Ed25519PrivateKey.from_private_bytes(bytes(32)))), "signature"),
        (hashed(signed(FIELDS, key=KEY, bot_id="7000000002")), "signature"),
        (hashed({**signed(FIELDS, key=KEY), "user": '{"id":1}'}), "signature"),
    ],
    ids=["none", "noise", "empty", "another key", "another bot", "another person, by who has the token"],
)
def test_stolen_token_makes_up_nobody_where_telegram_must_sign(fields: dict[str, str], reason: str) -> None:
    assert init_reason(urlencode(fields), telegram_key=TELEGRAM) == reason


def test_hash_without_the_signature_in_it_is_refused() -> None:
    """What a client gets that leaves the signature out of the hash, as the description for third parties does."""
    fields = signed(FIELDS, key=KEY)

    assert init_reason(urlencode({**fields, "hash": GOOD["hash"]})) == "hash"


GOOD_WIDGET = widget(now=NOW)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({**GOOD_WIDGET, "id": "279058398"}, "hash"),
        ({**GOOD_WIDGET, "username": "admin"}, "hash"),
        ({**GOOD_WIDGET, "last_name": "more"}, "hash"),
        ({name: value for name, value in GOOD_WIDGET.items() if name != "first_name"}, "hash"),
        ({name: value for name, value in GOOD_WIDGET.items() if name != "hash"}, "unsigned"),
        (widget(now=NOW, token="7000000002:another"), "hash"),
        (widget(now=NOW - timedelta(minutes=11)), "stale"),
        (widget(now=NOW + timedelta(minutes=1)), "future"),
        (widget(now=NOW, auth_date="soon"), "undated"),
        (widget(now=NOW, id="-1"), "nobody"),
        (widget(now=NOW, id="1e9"), "nobody"),
        (widget(now=NOW, id="²³"), "nobody"),
        ([*GOOD_WIDGET.items(), ("id", "279058397")], "doubled"),
        (hashed({"id": "279058397", "auth_date": GOOD_WIDGET["auth_date"]}), "hash"),
    ],
    ids=[
        "another id", "another name", "a field more", "a field less", "no hash", "another bot's", "old", "future",
        "undated", "a chat", "no number", "other digits", "doubled", "a launch's secret",
    ],
)  # fmt: skip
def test_forged_widget_is_refused(fields: dict[str, str] | list[tuple[str, str]], reason: str) -> None:
    assert widget_reason(fields) == reason


def test_widget_does_not_pass_for_a_launch() -> None:
    assert init_reason(urlencode(GOOD_WIDGET)) == "hash"


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_wild_launch_is_refused_and_breaks_nothing(text: str) -> None:
    assert init_reason(text)


@given(st.integers(0, len(init_data(now=NOW)) - 1), st.characters(codec="ascii"))
def test_one_changed_letter_is_refused_or_means_the_same(position: int, letter: str) -> None:
    text = init_data(now=NOW)
    changed = text[:position] + letter + text[position + 1 :]
    try:
        read_init_data(changed, bot_token=TOKEN, now=NOW)
    except Untrusted:
        return
    assert dict(parse_qsl(changed)) == dict(parse_qsl(text))


def test_bot_id_is_the_tokens_first_part() -> None:
    assert TOKEN.startswith(f"{BOT_ID}:")
