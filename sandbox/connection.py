"""One client connection: packets in, requests unwrapped and answered, updates pushed."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import struct
import time
from typing import TYPE_CHECKING, Any

from sandbox import wire
from sandbox.errors import RpcFault
from sandbox.handshake import Handshake
from sandbox.rpc import Call
from sandbox.tl import BinaryReader, GzipPacked, TypeNotFoundError, encode_result, functions, method_name, parse, types

if TYPE_CHECKING:
    from sandbox.server import Sandbox
    from sandbox.sessions import AuthKeyRecord

log = logging.getLogger("sandbox.connection")

_CONTAINER = 0x73F1F8DC
_RPC_RESULT = struct.pack("<I", 0xF35C6D01)
_WRAPPERS = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
    functions.InvokeWithTakeoutRequest,
    functions.InvokeWithMessagesRangeRequest,
)
_SILENT = (types.MsgsAck, types.HttpWait, types.MsgsStateInfo, types.MsgResendReq, types.MsgsAllInfo)
_LARGEST_CONTAINER = 1020  # messages; the protocol's own limit
# A client that does not read must not make the server's memory grow without end.
_PUSH_BACKLOG = 8 * 1024 * 1024


class Connection:
    """A socket to one data centre. One auth key and one session at a time, as clients do it."""

    def __init__(self, server: Sandbox, dc: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.dc = dc
        self.key: AuthKeyRecord | None = None
        self.wants_updates = False
        self._reader = reader
        self._writer = writer
        self._codec: wire.Codec | None = None
        self._handshake = Handshake(server.rsa_key)
        self._session_id = 0
        self._sequence = 0
        self._last_id = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the client leaves or stops speaking MTProto."""
        try:
            self._codec = await wire.detect_codec(self._reader)
            while True:
                self._on_packet(await self._codec.read(self._reader))
                await self._writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, wire.WireError) as error:
            log.debug("connection ended: %s", error)
        except (struct.error, BufferError, ValueError, OverflowError) as error:
            log.warning("not MTProto: %r", error)
        finally:
            self.close()

    def close(self) -> None:
        """Drop the connection."""
        for task in self._tasks:
            task.cancel()
        if self.key is not None:
            self.key.connections.discard(self)
        self.server.connections.discard(self)
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._writer.close()

    def abort(self) -> None:
        """Cut the connection as a broken network does."""
        self._writer.transport.abort()

    # -- packets

    def _on_packet(self, packet: bytes) -> None:
        if len(packet) < 24:
            raise wire.WireError("short packet")
        key_id = packet[:8]
        if key_id == bytes(8):
            self._on_plain(packet)
            return
        key = self.server.keys.get(key_id)
        if key is None or key.dc != self.dc:
            self._write(struct.pack("<i", -404))
            raise wire.WireError("unknown auth key")
        self._bind(key)
        plain = wire.decrypt(key.key, packet)
        salt, session_id, msg_id, seq, length = struct.unpack_from("<qqqii", plain)
        if not 0 <= length <= len(plain) - 32:
            raise wire.WireError("bad message length")
        if session_id != self._session_id:
            self._session_id = session_id
            self._send(
                types.NewSessionCreated(first_msg_id=msg_id, unique_id=session_id, server_salt=key.salt)._bytes()
            )
        if salt != key.salt:
            self._send(
                types.BadServerSalt(
                    bad_msg_id=msg_id, bad_msg_seqno=seq, error_code=48, new_server_salt=key.salt
                )._bytes()
            )
            return
        self._on_message(msg_id, plain[32 : 32 + length])

    def _bind(self, key: AuthKeyRecord) -> None:
        if self.key is not key:
            if self.key is not None:
                self.key.connections.discard(self)
            self.key = key
            key.connections.add(self)

    def _on_plain(self, packet: bytes) -> None:
        (length,) = struct.unpack_from("<i", packet, 16)
        try:
            answer, auth_key = self._handshake.answer(parse(packet[20 : 20 + length]))
        except (struct.error, TypeNotFoundError, AttributeError, BufferError) as error:
            raise wire.WireError(f"bad handshake: {error!r}") from error
        if auth_key is not None:
            self.server.keys.add(auth_key, self.dc)
        body = answer._bytes()
        self._write(struct.pack("<qqi", 0, self._next_id(1), len(body)) + body)

    def _on_message(self, msg_id: int, body: bytes) -> None:
        if struct.unpack_from("<I", body)[0] != _CONTAINER:
            self._on_body(msg_id, body)
            return
        reader = BinaryReader(body)
        reader.read_int()
        for _ in range(min(_LARGEST_CONTAINER, reader.read_int())):
            inner_id = reader.read_long()
            reader.read_int()
            self._on_body(inner_id, reader.read(reader.read_int()))

    def _on_body(self, msg_id: int, body: bytes) -> None:
        try:
            request = parse(body)
            if isinstance(request, GzipPacked):
                self._on_message(msg_id, request.data)
                return
        except TypeNotFoundError:
            log.warning("unknown constructor %s", body[:4][::-1].hex())
            self._error(msg_id, RpcFault("INPUT_METHOD_INVALID"))
            return
        except (struct.error, BufferError, AttributeError, TypeError, RuntimeError) as error:
            log.warning("unreadable request: %r", error)
            self._error(msg_id, RpcFault("INPUT_REQUEST_INVALID"))
            return
        if not self._service(msg_id, request):
            self._request(msg_id, request)

    def _service(self, msg_id: int, request: Any) -> bool:
        """Answer a protocol message; False when *request* is a call of a method."""
        if isinstance(request, _SILENT):
            return True
        answer: Any = None
        if isinstance(request, functions.PingRequest | functions.PingDelayDisconnectRequest):
            answer = types.Pong(msg_id=msg_id, ping_id=request.ping_id)
        elif isinstance(request, functions.GetFutureSaltsRequest):
            now = int(time.time())
            salt = types.FutureSalt(valid_since=now, valid_until=now + 86400, salt=self._key().salt)
            answer = types.FutureSalts(req_msg_id=msg_id, now=now, salts=[salt])
        elif isinstance(request, functions.DestroySessionRequest):
            answer = types.DestroySessionOk(session_id=request.session_id)
        elif isinstance(request, types.MsgsStateReq):
            answer = types.MsgsStateInfo(req_msg_id=msg_id, info=b"\x01" * len(request.msg_ids))
        elif isinstance(request, functions.RpcDropAnswerRequest):
            self._result(msg_id, types.RpcAnswerUnknown()._bytes())
            return True
        if answer is None:
            return False
        self._send(answer._bytes())
        return True

    # -- calls

    def _request(self, msg_id: int, request: Any) -> None:
        quiet = False
        key = self._key()
        while isinstance(request, _WRAPPERS):
            quiet = quiet or isinstance(request, functions.InvokeWithoutUpdatesRequest)
            if isinstance(request, functions.InitConnectionRequest) and key.lang != request.lang_code:
                key.lang = request.lang_code
                self.server.keys.save(key)
            request = request.query
        if not quiet and self.dc == self.server.home_dc:
            self.wants_updates = True
        call = Call(self.server, self, key, request, method_name(request))
        delay = self.server.faults.delay_of(call.name)
        if delay > 0:
            task = asyncio.get_running_loop().create_task(self._later(delay, msg_id, call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._answer(msg_id, call)

    async def _later(self, delay: float, msg_id: int, call: Call) -> None:
        await asyncio.sleep(delay)
        self._answer(msg_id, call)

    def _answer(self, msg_id: int, call: Call) -> None:
        try:
            body = encode_result(self.server.dispatch(call))
        except RpcFault as fault:
            self._error(msg_id, fault)
            return
        except Exception:  # the edge of the process: a bug here must be an rpc_error, never a closed connection
            log.exception("%s failed", call.name)
            self._error(msg_id, RpcFault("SANDBOX_INTERNAL_ERROR", 500))
            return
        self._result(msg_id, body)

    def _error(self, msg_id: int, fault: RpcFault) -> None:
        self._result(msg_id, types.RpcError(error_code=fault.code, error_message=fault.message)._bytes())

    def _result(self, msg_id: int, body: bytes) -> None:
        if self.server.gzip_answers and len(body) > 512:
            packed = struct.pack("<I", GzipPacked.CONSTRUCTOR_ID) + GzipPacked.serialize_bytes(gzip.compress(body, 1))
            body = packed if len(packed) < len(body) else body
        self._send(_RPC_RESULT + struct.pack("<q", msg_id) + body)

    def push(self, updates: Any) -> None:
        """Send an ``Updates`` object that nobody asked for."""
        if self.key is None or self._session_id == 0 or self._writer.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() > _PUSH_BACKLOG:
            log.warning("client does not read; update dropped (it will find it by difference)")
            return
        self._send(updates._bytes(), kind=3)

    # -- writing

    def _key(self) -> AuthKeyRecord:
        if self.key is None:
            raise wire.WireError("no auth key")
        return self.key

    def _next_id(self, kind: int) -> int:
        """A message id: real time, strictly rising, 1 mod 4 for answers and 3 mod 4 for pushes."""
        value = (int(time.time() * 2**32) & ~3) | kind
        if value <= self._last_id:
            value = (self._last_id & ~3) + 4 + kind
        self._last_id = value
        return value

    def _send(self, body: bytes, kind: int = 1) -> None:
        key = self._key()
        seq = self._sequence * 2 + 1
        self._sequence += 1
        head = struct.pack("<qqqii", key.salt, self._session_id, self._next_id(kind), seq, len(body))
        self._write(wire.encrypt(key.key, key.id, head + body))

    def _write(self, packet: bytes) -> None:
        if self._codec is not None and not self._writer.is_closing():
            self._writer.write(self._codec.encode(packet))
