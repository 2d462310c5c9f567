"""`python -m benchmarks.soak`: a million requests through server and transport while backends and clients misbehave.

Every request carries a number that its answer must repeat. Each is answered correctly, with a clean error, or visibly
broken off; none is lost, none answered twice or with another's answer. In the end no connection, timer or task is left,
and memory has not grown.
"""

import argparse
import asyncio
import gc
import logging
import random
import resource
import sys
from collections import Counter

import uvloop

from tests.support.dataplane import backend, connected, get, proxying, until

KINDS = ("fine", "chunked", "large", "slow", "close", "abort", "short", "garbage", "extra", "until-close", "no-answer")
WEIGHTS = (60, 15, 3, 3, 3, 3, 3, 3, 3, 3, 1)
CLIENT_LEAVES = 0.01
POSTS = 0.2


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A backend that does what the path says: `/kind/number`."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"\r\nTransfer-Encoding: chunked" in head:
            await reader.readuntil(b"0\r\n\r\n")
        elif b"\r\nContent-Length: 3\r\n" in head:
            await reader.readexactly(3)
        _, kind, number = head.split(b" ")[1].decode().split("/")
        body = number.encode() * (20_000 if kind == "large" else 1)
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        if kind in ("fine", "large"):
            writer.write(whole)
        elif kind == "chunked":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for byte in body:
                writer.write(b"1\r\n%c\r\n" % byte)
            writer.write(b"0\r\n\r\n")
        elif kind == "slow":
            writer.write(whole[:-1])
            await asyncio.sleep(0.002)
            if writer.is_closing():
                return  # the client left, and the gateway with it
            writer.write(whole[-1:])
        elif kind == "extra":
            writer.write(whole + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        elif kind == "garbage":
            writer.write(b"\x00garbage\r\n\r\n")
        elif kind == "short":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body) + 9, body))
            return
        elif kind == "until-close":
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)
            return
        elif kind == "close":
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + whole[17:])
            return
        elif kind == "abort":
            writer.transport.abort()
            return
        else:
            return
        await writer.drain()


async def client(port: int, numbers: list[int], seed: int, told: Counter[str]) -> None:
    """Asks for its numbers one after the other, on as few connections as it is let."""
    dice = random.Random(seed)
    while numbers:
        async with connected(port) as peer:
            while numbers:
                number = numbers.pop()
                kind = dice.choices(KINDS, WEIGHTS)[0]
                path = f"/{kind}/{number}".encode()
                if dice.random() < POSTS:
                    framing = dice.choice((b"Content-Length: 3", b"Transfer-Encoding: chunked"))
                    body = b"abc" if framing.startswith(b"Content") else b"3\r\nabc\r\n0\r\n\r\n"
                    peer.send(get(path, framing, method=b"POST") + body)
                else:
                    peer.send(get(path))
                if dice.random() < CLIENT_LEAVES:
                    await asyncio.sleep(dice.random() * 0.003)
                    told["left"] += 1
                    break
                try:
                    received = await peer.answer()
                except (asyncio.IncompleteReadError, ConnectionError):
                    if kind != "short":
                        raise AssertionError(f"{kind} was broken off") from None
                    told["broken off"] += 1
                    break
                if received.status == 200:
                    expected = str(number).encode() * (20_000 if kind == "large" else 1)
                    assert received.body == expected, (kind, received.body[:99], expected[:99])
                    told["right"] += 1
                else:
                    assert received.status == 502, received
                    assert kind in ("abort", "garbage", "no-answer", "short", "fine", "chunked", "slow"), kind
                    told["clean error"] += 1
                if received.one(b"connection") == b"close":
                    break


async def soak(count: int, clients: int) -> int:
    told: Counter[str] = Counter()
    memory: list[int] = []
    async with backend(answer) as authority, proxying(authority) as (server, app, transport):
        numbers = list(range(count))
        shares = [numbers[index::clients] for index in range(clients)]
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(client(server.port, share, seed, told)) for seed, share in enumerate(shares)]
        done = loop.create_task(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
        while not done.done():
            await asyncio.wait([done], timeout=5)
            gc.collect()
            memory.append(resident_kb())
            print(f"{sum(told.values()):9} {dict(told)} {memory[-1] // 1024} MB", file=sys.stderr)
            app.requests.clear()
        for task in tasks:
            task.result()
        await until(lambda: server.connection_count == 0)
        # A request whose client left at once may not even have been read.
        assert count - told["left"] <= len(app.finished) <= count, (count, len(app.finished), told)
        assert sum(told.values()) == count
        await transport.close()
        assert transport.connection_count == 0
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not others, others
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} requests: {dict(told)}; peak {peak} MB, nothing left behind")
    return 0


def resident_kb() -> int:
    """What this process holds, backends and clients included."""
    with open("/proc/self/status") as status:  # noqa: PTH123
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=64)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # every broken off response has its line
    return uvloop.run(soak(options.requests, options.clients))


if __name__ == "__main__":
    sys.exit(main())
