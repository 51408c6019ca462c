"""The authorisation key exchange, server side (core.telegram.org/mtproto/auth_key).

Telethon 1.45 sends the older form of ``req_DH_params``: SHA-1, ``p_q_inner_data`` and random padding under
textbook RSA (no RSA_PAD); that is what is read here.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from typing import Any

from telethon.crypto.rsa import get_byte_array
from telethon.helpers import generate_key_data_from_nonce

from sandbox.keys import DH_G, DH_PRIME, PQ_P, PQ_Q, ServerKey
from sandbox.tl import AES, AuthKey, BinaryReader, functions, parse, types
from sandbox.wire import WireError

# A 512-bit secret exponent keeps the server's share of the exchange at a few milliseconds; it is a test server.
_SECRET_BITS = 512


@dataclass(slots=True)
class _Exchange:
    server_nonce: int
    new_nonce: int = 0
    secret: int = 0


class Handshake:
    """The exchanges of one connection, by client nonce."""

    def __init__(self, key: ServerKey) -> None:
        self._key = key
        self._exchanges: dict[int, _Exchange] = {}

    def answer(self, request: Any) -> tuple[Any, bytes | None]:
        """Answer one plain request; the second value is the new auth key once there is one."""
        if isinstance(request, functions.ReqPqMultiRequest | functions.ReqPqRequest):
            return self._res_pq(request), None
        exchange = self._exchanges.get(request.nonce)
        if exchange is None or exchange.server_nonce != request.server_nonce:
            raise WireError("unknown nonce")
        if isinstance(request, functions.ReqDHParamsRequest):
            return self._dh_params(request, exchange), None
        if isinstance(request, functions.SetClientDHParamsRequest):
            return self._finish(request, exchange)
        raise WireError(f"unexpected plain request {type(request).__name__}")

    def _res_pq(self, request: Any) -> Any:
        exchange = _Exchange(int.from_bytes(os.urandom(16), "little", signed=True))
        self._exchanges[request.nonce] = exchange
        return types.ResPQ(
            nonce=request.nonce,
            server_nonce=exchange.server_nonce,
            pq=get_byte_array(PQ_P * PQ_Q),
            server_public_key_fingerprints=[self._key.fingerprint],
        )

    def _dh_params(self, request: Any, exchange: _Exchange) -> Any:
        plain = self._key.decrypt(request.encrypted_data)[1:]
        inner = parse(plain[20:])
        if hashlib.sha1(inner._bytes()).digest() != plain[:20] or inner.nonce != request.nonce:  # noqa: S324 - protocol
            raise WireError("p_q_inner_data does not match its hash")
        exchange.new_nonce = inner.new_nonce
        exchange.secret = secrets.randbits(_SECRET_BITS) | 1
        answer = types.ServerDHInnerData(
            nonce=request.nonce,
            server_nonce=exchange.server_nonce,
            g=DH_G,
            dh_prime=get_byte_array(DH_PRIME),
            g_a=get_byte_array(pow(DH_G, exchange.secret, DH_PRIME)),
            server_time=int(time.time()),
        )._bytes()
        data = hashlib.sha1(answer).digest() + answer  # noqa: S324 - protocol
        data += os.urandom(-len(data) % 16)
        key, iv = generate_key_data_from_nonce(exchange.server_nonce, exchange.new_nonce)
        return types.ServerDHParamsOk(
            nonce=request.nonce,
            server_nonce=exchange.server_nonce,
            encrypted_answer=AES.encrypt_ige(data, key, iv),
        )

    def _finish(self, request: Any, exchange: _Exchange) -> tuple[Any, bytes]:
        key, iv = generate_key_data_from_nonce(exchange.server_nonce, exchange.new_nonce)
        reader = BinaryReader(AES.decrypt_ige(request.encrypted_data, key, iv))
        reader.read(20)
        inner = reader.tgread_object()
        shared = pow(int.from_bytes(inner.g_b, "big"), exchange.secret, DH_PRIME)
        # Always 256 bytes, as Telegram has it. Telethon drops a leading zero byte (one exchange in 256), sees that
        # the hashes differ and begins anew; a shorter key would pass here and be another key once a session keeps it.
        auth_key = shared.to_bytes(256, "big")
        del self._exchanges[request.nonce]
        new_nonce_hash = AuthKey(auth_key).calc_new_nonce_hash(exchange.new_nonce, 1)
        answer = types.DhGenOk(nonce=request.nonce, server_nonce=exchange.server_nonce, new_nonce_hash1=new_nonce_hash)
        return answer, auth_key
