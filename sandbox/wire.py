"""MTProto transports (TCP full, abridged, intermediate, padded intermediate) and message encryption.

Source: core.telegram.org/mtproto/mtproto-transports and /mtproto/description (MTProto 2.0).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import struct
from typing import Protocol
from zlib import crc32

from sandbox.tl import AES

MAX_PACKET = 16 * 1024 * 1024


class WireError(Exception):
    """The peer does not speak MTProto (or not correctly); the connection is of no more use."""


class Codec(Protocol):
    """Frames packets on a TCP stream."""

    def encode(self, packet: bytes) -> bytes:
        """The framed packet."""
        ...

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The next packet's payload; ``IncompleteReadError`` at the end of the stream."""
        ...


class FullCodec:
    """Length, sequence number, payload, CRC32."""

    def __init__(self, head: bytes) -> None:
        self._head = head  # the four bytes already read to tell the transport
        self._sent = 0

    def encode(self, packet: bytes) -> bytes:
        """Frame *packet*."""
        body = struct.pack("<ii", len(packet) + 12, self._sent) + packet
        self._sent += 1
        return body + struct.pack("<I", crc32(body))

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """Read one packet and check its CRC."""
        head, self._head = self._head, b""
        head += await reader.readexactly(8 - len(head))
        (length, _) = struct.unpack("<ii", head)
        if not 12 <= length <= MAX_PACKET:
            raise WireError(f"bad packet length {length}")
        body = await reader.readexactly(length - 8)
        if struct.unpack("<I", body[-4:])[0] != crc32(head + body[:-4]):
            raise WireError("bad checksum")
        return body[:-4]


class AbridgedCodec:
    """One length byte (or 0x7f and three) in units of four bytes."""

    def encode(self, packet: bytes) -> bytes:
        """Frame *packet*."""
        words = len(packet) >> 2
        return (bytes([words]) if words < 127 else b"\x7f" + words.to_bytes(3, "little")) + packet

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """Read one packet."""
        words = (await reader.readexactly(1))[0] & 0x7F  # the high bit asks for a quick ack; ignored
        if words == 127:
            words = int.from_bytes(await reader.readexactly(3), "little")
        return await reader.readexactly(words << 2)


class IntermediateCodec:
    """Four length bytes; the padded variant may append up to 15 random bytes."""

    def encode(self, packet: bytes) -> bytes:
        """Frame *packet*."""
        return struct.pack("<i", len(packet)) + packet

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """Read one packet."""
        length = struct.unpack("<I", await reader.readexactly(4))[0] & 0x7FFFFFFF
        if length > MAX_PACKET:
            raise WireError(f"bad packet length {length}")
        return await reader.readexactly(length)


async def detect_codec(reader: asyncio.StreamReader) -> Codec:
    """Tell the transport by the first bytes of a connection."""
    first = await reader.readexactly(1)
    if first == b"\xef":
        return AbridgedCodec()
    head = first + await reader.readexactly(3)
    if head in (b"\xee" * 4, b"\xdd" * 4):
        return IntermediateCodec()
    return FullCodec(head)


def _aes_pair(auth_key: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    a = hashlib.sha256(msg_key + auth_key[x : x + 36]).digest()
    b = hashlib.sha256(auth_key[x + 40 : x + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]


def decrypt(auth_key: bytes, packet: bytes) -> bytes:
    """Plain bytes (salt, session, msg_id, seq, length, body, padding) of a client's packet."""
    msg_key, cipher = packet[8:24], packet[24:]
    usable = len(cipher) // 16 * 16  # the padded transport may leave stray bytes
    plain: bytes = AES.decrypt_ige(cipher[:usable], *_aes_pair(auth_key, msg_key, 0))
    if hashlib.sha256(auth_key[88:120] + plain).digest()[8:24] != msg_key:
        raise WireError("msg_key does not match")
    return plain


def encrypt(auth_key: bytes, key_id: bytes, plain: bytes) -> bytes:
    """A server's packet around *plain*; padding is 12 to 27 bytes."""
    data = plain + os.urandom(-(len(plain) + 12) % 16 + 12)
    msg_key = hashlib.sha256(auth_key[96:128] + data).digest()[8:24]
    cipher: bytes = AES.encrypt_ige(data, *_aes_pair(auth_key, msg_key, 8))
    return key_id + msg_key + cipher
