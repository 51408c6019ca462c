"""Signing in to the sandbox with a real Telethon client."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from telethon import errors
from telethon.sessions import StringSession
from telethon.tl import functions

from tests.telegram import (
    DEMO_PHONE,
    LOGIN_CODE,
    TWO_FACTOR_PASSWORD,
    TWO_FACTOR_PHONE,
    SandboxProcess,
    signed_in,
    telethon_client,
)


def test_sign_in_with_the_code(telegram: SandboxProcess) -> None:
    async def go() -> Any:
        client = telethon_client(telegram)
        await client.connect()
        try:
            before = await client.get_me()
            await client.send_code_request(DEMO_PHONE)
            sent = telegram.control("login_code", phone=DEMO_PHONE)["code"]
            await client.sign_in(DEMO_PHONE, sent)
            return before, await client.get_me()
        finally:
            await client.disconnect()

    before, me = asyncio.run(go())

    assert before is None
    assert me.phone == DEMO_PHONE.lstrip("+")


def test_sign_in_with_a_wrong_code(telegram: SandboxProcess) -> None:
    async def go() -> None:
        client = telethon_client(telegram)
        await client.connect()
        try:
            await client.send_code_request(DEMO_PHONE)
            with pytest.raises(errors.PhoneCodeInvalidError):
                await client.sign_in(DEMO_PHONE, "00000")
            assert not await client.is_user_authorized()
        finally:
            await client.disconnect()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("phone", "error"),
    [("12", errors.PhoneNumberInvalidError), ("+99890000099", errors.PhoneNumberBannedError)],
    ids=["impossible", "banned"],
)
def test_send_code_to_a_bad_phone(telegram: SandboxProcess, phone: str, error: type[Exception]) -> None:
    async def go() -> None:
        client = telethon_client(telegram)
        await client.connect()
        try:
            with pytest.raises(error):
                await client.send_code_request(phone)
        finally:
            await client.disconnect()

    asyncio.run(go())


def test_sign_in_with_two_step_password(telegram: SandboxProcess) -> None:
    async def go() -> str:
        client = telethon_client(telegram)
        await client.connect()
        try:
            await client.send_code_request(TWO_FACTOR_PHONE)
            with pytest.raises(errors.SessionPasswordNeededError):
                await client.sign_in(TWO_FACTOR_PHONE, LOGIN_CODE)
            with pytest.raises(errors.PasswordHashInvalidError):
                await client.sign_in(password="wrong")
            await client.sign_in(password=TWO_FACTOR_PASSWORD)
            return str((await client.get_me()).phone)
        finally:
            await client.disconnect()

    assert asyncio.run(go()) == TWO_FACTOR_PHONE.lstrip("+")


def test_sign_in_by_qr_code(telegram: SandboxProcess) -> None:
    async def go() -> str:
        client = telethon_client(telegram)
        await client.connect()
        try:
            login = await client.qr_login()
            waiting = asyncio.create_task(login.wait(25))
            await asyncio.sleep(0.05)
            token = base64.urlsafe_b64encode(login.token).decode()
            telegram.control("accept_login_token", token=token, phone=DEMO_PHONE)
            return str((await waiting).phone)
        finally:
            await client.disconnect()

    assert asyncio.run(go()) == DEMO_PHONE.lstrip("+")


def test_sign_in_by_qr_code_scanned_by_another_client(telegram: SandboxProcess) -> None:
    async def go() -> str:
        phone = await signed_in(telegram)
        client = telethon_client(telegram)
        await client.connect()
        try:
            login = await client.qr_login()
            waiting = asyncio.create_task(login.wait(25))
            await asyncio.sleep(0.05)
            await phone(functions.auth.AcceptLoginTokenRequest(login.token))
            return str((await waiting).phone)
        finally:
            await client.disconnect()
            await phone.disconnect()

    assert asyncio.run(go()) == DEMO_PHONE.lstrip("+")


def test_qr_code_with_two_step_password(telegram: SandboxProcess) -> None:
    async def go() -> str:
        client = telethon_client(telegram)
        await client.connect()
        try:
            login = await client.qr_login()
            waiting = asyncio.create_task(login.wait(25))
            await asyncio.sleep(0.05)
            telegram.control("accept_login_token", token=login.url, phone=TWO_FACTOR_PHONE)
            with pytest.raises(errors.SessionPasswordNeededError):
                await waiting
            await client.sign_in(password=TWO_FACTOR_PASSWORD)
            return str((await client.get_me()).phone)
        finally:
            await client.disconnect()

    assert asyncio.run(go()) == TWO_FACTOR_PHONE.lstrip("+")


def test_log_out_forgets_the_session(telegram: SandboxProcess) -> None:
    async def go() -> bool:
        client = await signed_in(telegram, "+99890000010")
        session = StringSession.save(client.session)
        await client.log_out()
        again = telethon_client(telegram, StringSession(session))
        await again.connect()
        try:
            return bool(await again.is_user_authorized())
        finally:
            await again.disconnect()

    assert asyncio.run(go()) is False


def test_revoked_session_is_told(telegram: SandboxProcess) -> None:
    async def go() -> None:
        client = await signed_in(telegram, "+99890000011")
        telegram.control("revoke", phone="+99890000011")
        try:
            with pytest.raises(errors.SessionRevokedError):
                await client.get_entity("alpha")
        finally:
            await client.disconnect()

    asyncio.run(go())


@pytest.mark.parametrize("old", [False, True], ids=["key as new", "key as old"])
def test_key_is_accepted_as_new_and_as_old(telegram: SandboxProcess, old: bool) -> None:
    from telethon.crypto import rsa

    async def go() -> bool:
        client = telethon_client(telegram)
        rsa.add_key(telegram.public_key.read_text(), old=old)
        await client.connect()
        connected = bool(client.is_connected())
        await client.disconnect()
        return connected

    assert asyncio.run(go())
