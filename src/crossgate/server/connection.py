"""One client connection: its socket's events, its requests in order, its deadlines, its end.

Knows the transport; does not know what a request means or how a response is framed.
"""

import asyncio
import math
from collections import deque
from typing import cast

from crossgate.http.reason import NOT_READ, Reason
from crossgate.server import fault
from crossgate.server.context import ServerContext
from crossgate.server.exchange import Exchange
from crossgate.server.fault import Fault
from crossgate.server.incoming import Incoming
from crossgate.server.owner import Owner
from crossgate.server.request_reader import RequestReader
from crossgate.server.reset import end_with_reset
from crossgate.server.shedding import Shedder
from crossgate.server.unread import Unread

NEVER = math.inf
# After its last word the server still reads for so long, so that the client gets to see it (RFC 9112 section 9.6).
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1 << 22
# Requests read ahead of the one being answered. Reading stops beyond that.
_MAX_QUEUED = 16


class Connection:
    """A client's connection: an asyncio.Protocol in all but name (its base class would cost a fifth of being compiled).

    `deadline` is when `expire` is due, in the server's seconds; its owner looks at it. `exchange` is what is under way:
    events are its business.
    """

    __slots__ = (
        "_advancing",
        "_body_deadline",
        "_context",
        "_half_closed",
        "_head_begun",
        "_linger_left",
        "_lingering",
        "_owner",
        "_queue",
        "_reader",
        "_reading_paused",
        "_refusal",
        "_served",
        "_transport",
        "_unread",
        "_writing_paused",
        "deadline",
        "exchange",
        "peer_host",
    )

    def __init__(self, context: ServerContext, owner: Owner) -> None:
        self._context = context
        self._owner = owner
        self.peer_host = ""
        self.deadline = NEVER
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._reader = RequestReader(context.request_heads, context.limits)
        self._queue: deque[Incoming] = deque()
        self.exchange: Exchange | None = None
        self._unread: Unread | None = None  # what waits for its turn; nothing else is under way then
        self._refusal: Fault | None = None
        self._served = 0
        self._linger_left = _LINGER_BYTES
        self._head_begun = False
        self._body_deadline = NEVER
        self._half_closed = False  # the client sends no more, and what it has sent is answered
        self._advancing = self._lingering = self._reading_paused = self._writing_paused = False

    # -- events of the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        host = peer[0] if isinstance(peer, tuple) else ""
        self.peer_host = host[7:] if host.startswith("::ffff:") and "." in host else host  # IPv4 within IPv6
        self._refusal = self._owner.admit(self)
        if self._refusal is None:
            self._wait_for_request(self._context.now())
        else:
            self._set_deadline(self._context.limits.header_timeout_seconds)

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._lingering:
            self._linger_left -= len(data)
            if self._linger_left < 0:
                self._transport.abort()
            return
        if self._unread is not None:
            if self._unread.add(data):
                self.pause_reading()
            return
        if self._context.shedder is not None and self._has_to_wait(data, self._context.shedder):
            return
        self._read(data)

    def _read(self, data: bytes, came_seconds: float = 0.0) -> None:
        reader = self._reader
        receiving = reader.receiving
        reader.feed(data)
        queue = self._queue
        arrived = reader.arrived
        if arrived:
            if came_seconds:
                arrived[0].came_seconds = came_seconds
            if len(arrived) == 1 and self.exchange is None and not queue:
                self._begin(arrived.pop())  # nearly always
                return
            queue.extend(arrived)
            arrived.clear()
        if receiving is not None:
            self._continue_body(receiving)
        if self.exchange is None:
            if queue:
                self._advance()
            elif not self._head_begun:
                self._wait_for_request(self._context.now())
        if queue and (len(queue) > _MAX_QUEUED or (not queue[-1].whole and len(queue[-1].pieces) > _MAX_QUEUED)):
            self.pause_reading()

    def _has_to_wait(self, data: bytes, shedder: Shedder) -> bool:
        """Whether the request is put off until its turn has come, or refused: see `shedding`."""
        load, context = shedder.load, self._context
        if not load.is_busy or context.draining or not self._reader.is_at_start:
            return False
        if self.exchange is not None or self._queue or self._refusal is not None or self._writing_paused:
            return False
        if load.is_full and self._refuse_unread(data, 0.0):
            load.count_refused()
            return True
        if not shedder.may_wait(data):
            return False
        self.deadline = NEVER
        unread = self._unread = Unread(data, context.now())
        unread.place = load.place(self._end_wait)
        return True

    def _end_wait(self, refusal: str) -> None:
        """What was put off is to be answered now; refused, where there is a reason."""
        unread, self._unread = self._unread, None
        if unread is None or self._transport.is_closing():
            return
        self.resume_reading()
        if not refusal or self._half_closed or not self._refuse_unread(unread.data, unread.since_seconds):
            self._read(unread.data, unread.since_seconds)
        if self._half_closed and not self._lingering and not self.eof_received():
            self._close()

    def _refuse_unread(self, data: bytes, since_seconds: float) -> bool:
        """Refuse what came then (0: now) without reading it, if that can be done: else its endpoint does."""
        answer = self._context.refusal(data, self.peer_host, since_seconds)
        if answer is not None:
            self.write(answer)
            self._wait_for_request(self._context.now())
        return answer is not None

    def eof_received(self) -> bool:
        """The client sends no more.

        While an answer is pending that counts as gone, as in nginx: a client that closed looks the same. With
        `half_close: answer` what has arrived whole is answered first.
        """
        if self._unread is not None and self._context.limits.half_close != "cancel":
            self._half_closed = True
            return True
        if self._answers_half_closed():
            self._half_closed = True
            self._reader.stopped = True
            return True
        self._lingering = True
        if self.exchange is not None:
            self.exchange.cancel()
        return False

    def _answers_half_closed(self) -> bool:
        if self.exchange is None or self._lingering or self._context.limits.half_close == "cancel":
            return False
        receiving = self._reader.receiving
        if receiving is None:
            return True
        if receiving not in self._queue:
            return False
        self._queue.remove(receiving)  # the rest of its body will never come
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # any end is the same here
        """The connection is no more."""
        self.deadline = NEVER
        self._lingering = True
        if self._unread is not None:
            self._unread.give_up()
        self._queue.clear()
        self._reader.stopped = True
        if self.exchange is not None:
            self.exchange.cancel()
        self._owner.forget(self)

    def pause_writing(self) -> None:
        """The client reads slower than it is written to."""
        self._writing_paused = True
        self._set_deadline(self._context.limits.write_timeout_seconds)
        if self.exchange is not None:
            self.exchange.pause()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._writing_paused = False
        if self.exchange is not None:
            self.deadline = NEVER
            self.exchange.resume()
        elif not self._lingering:
            self._wait_for_request(self._context.now())

    # -- requests in order

    def _continue_body(self, receiving: Incoming) -> None:
        """More of a body whose request was read before, or the verdict that it is bad."""
        if receiving in self._queue:
            return
        if receiving.fault is not None and self.exchange is not None:
            self.exchange.spoil(receiving.fault)
            return
        receiving.deliver()
        if self.exchange is not None:
            self._wait_for_body(receiving)

    def _advance(self) -> None:
        """Begin the requests that are due, until one has to wait."""
        self._advancing = True
        queue = self._queue
        while queue and self.exchange is None and not self._lingering:
            self._begin(queue.popleft())
        self._advancing = False

    def _begin(self, incoming: Incoming) -> None:
        """Have a request answered."""
        if self._refusal is not None:
            incoming.fault = self._refusal
        incoming.peer_host = self.peer_host
        self._served += 1
        self._head_begun = False
        self.deadline = NEVER
        exchange = Exchange(self, incoming, self._context)
        self.exchange = exchange
        exchange.begin()
        if not incoming.whole and not exchange.ended:
            seconds = self._context.limits.read_timeout_seconds
            self._body_deadline = self._context.now() + seconds if seconds > 0 else NEVER
            self._wait_for_body(incoming)

    def exchange_ended(self, keep_alive: bool, request_whole: bool, now_seconds: float) -> None:
        """The exchange under way is over, at that time. Says whether another may follow and the request was read."""
        self.exchange = None
        if self._lingering or self._transport.is_closing():
            return
        if not keep_alive or (self._half_closed and not self._queue):
            self._say_goodbye(nothing_follows=request_whole and self._reader.stopped and not self._queue)
            return
        if self._reading_paused and len(self._queue) <= _MAX_QUEUED:
            self.resume_reading()
        if not self._queue:
            self._wait_for_request(now_seconds)
        elif not self._advancing:
            self._advance()

    def may_keep_alive(self) -> bool:
        """Whether another request may follow the one being answered."""
        limit = self._context.limits.max_requests_per_connection
        if self._context.draining or self._refusal is not None or (self._half_closed and not self._queue):
            return False
        return not limit or self._served < limit

    # -- deadlines

    def _set_deadline(self, seconds: float) -> None:
        self.deadline = self._context.now() + seconds if seconds > 0 else NEVER

    def _wait_for_request(self, now_seconds: float) -> None:
        """Nothing is being answered: the client has so long for its next request, and for the head once it began."""
        if self._writing_paused or self._lingering or self._refusal is not None or self._unread is not None:
            return
        limits = self._context.limits
        self._head_begun = self._reader.in_head
        seconds = limits.header_timeout_seconds if self._head_begun else limits.idle_timeout_seconds
        self.deadline = now_seconds + seconds if seconds > 0 else NEVER

    def _wait_for_body(self, incoming: Incoming) -> None:
        """A body may take as long as it likes in all, unless that is limited too, but not pause for too long."""
        if self._writing_paused:
            return
        if incoming.whole or self._reading_paused:
            self.deadline = NEVER
        else:
            self._set_deadline(self._context.limits.idle_timeout_seconds)
            self.deadline = min(self.deadline, self._body_deadline)

    def expire(self) -> None:
        """The deadline has passed."""
        self.deadline = NEVER
        exchange = self.exchange
        if self._lingering or self._writing_paused or self._transport.is_closing():
            self.cut_off(NOT_READ)
        elif exchange is not None:
            exchange.spoil(fault.REQUEST_TIMEOUT)
        elif self._reader.in_head:
            self._reader.refuse(self._reader.verdict or fault.REQUEST_TIMEOUT)
            self._queue.extend(self._reader.arrived)
            self._reader.arrived.clear()
            self._advance()
        else:
            self._close()

    # -- writing, reading, ending

    def write(self, data: bytes) -> None:
        """Bytes of a response. Dropped once the connection is closing."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def write_piece(self, data: bytes) -> None:
        """Bytes of a response that comes in pieces: the next has to come in time too."""
        if not self._transport.is_closing():
            self._transport.write(data)
            if not self._writing_paused:
                self._set_deadline(self._context.limits.write_timeout_seconds)

    def pause_reading(self) -> None:
        """Take no more from the client for now."""
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    def adopt(self, context: ServerContext) -> None:
        """Answer requests that begin from now on by another context."""
        self._context = context
        self._reader.adopt(context.request_heads, context.limits)

    def drain(self, patience_seconds: float) -> None:
        """The server is stopping: the connection closes after the response under way.

        One that is idle closes once it has been so for `patience_seconds`: a request may be on its way to us, and only
        its response can tell the client that no other may follow.
        """
        if self._queue or self._reader.in_head or self._lingering or self.exchange or self._unread:
            return
        idle_seconds = self._context.limits.idle_timeout_seconds
        now_seconds = self._context.now()
        since_seconds = self.deadline - idle_seconds if self.deadline != NEVER else now_seconds
        if since_seconds + patience_seconds <= now_seconds:
            self._close()
        else:
            self.deadline = min(self.deadline, since_seconds + patience_seconds)

    def break_off(self) -> None:
        """End the connection so that the client cannot take it for a proper end: with a reset."""
        if self._lingering or not self._transport.is_closing():
            end_with_reset(self._transport)
        self._transport.abort()

    def cut_off(self, reason: Reason) -> None:
        """End the connection in that way for that reason, whatever is under way."""
        if self.exchange is not None:
            self.exchange.is_cut_off_for(reason)
        self.break_off()

    def _close(self) -> None:
        """Close once everything is written; a client that does not take it is cut off."""
        self._lingering = True
        self._transport.close()
        self._set_deadline(self._context.limits.write_timeout_seconds)

    def _say_goodbye(self, *, nothing_follows: bool) -> None:
        """The last response is written. If more may be coming in, closing at once would reset the connection and with
        it what the client has not read yet: read and drop for a while (RFC 9112 section 9.6)."""
        self._queue.clear()
        if nothing_follows or self._half_closed:
            self._close()
            return
        self._lingering = True
        self._reader.stopped = True
        self.resume_reading()
        unsent = self._transport.get_write_buffer_size()
        self._transport.write_eof()
        self._set_deadline(self._context.limits.write_timeout_seconds if unsent else _LINGER_SECONDS)
