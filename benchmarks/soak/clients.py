"""Clients that ask numbered questions one after the other or several at once, and judge each answer.

Knows connections from the client's side; does not know what a right answer is.
"""

import asyncio
import random
from collections import Counter

from benchmarks.soak.question import Question
from tests.support.dataplane import Peer, connected

LEAVES = 0.01
SAYS_FAREWELL = 0.01
SEVERAL_AT_ONCE = 0.1
IN_PIECES = 0.03
# Longer than any endpoint may take: what has not come by then is lost.
PATIENCE_SECONDS = 15
FAREWELL = (
    b"GET /nowhere HTTP/1.1\r\nHost: gateway.example\r\nOrigin: https://n0.app.example\r\nConnection: close\r\n\r\n"
)


async def client(port: int, numbers: list[int], dice: random.Random, told: Counter[str]) -> None:
    """Ask for all the numbers, on as few connections as it is let. `told` counts each number once, and farewells."""
    while numbers:
        async with connected(port) as peer:
            while True:
                questions = _next(numbers, dice)
                await _ask(peer, b"".join(question.as_sent() for question in questions), dice)
                if dice.random() < LEAVES:
                    await asyncio.sleep(dice.random() * 0.003)
                    told["left"] += len(questions)
                    break
                if not await _answers(peer, questions, told):
                    break
                if not numbers or dice.random() < SAYS_FAREWELL:
                    await _farewell(peer)
                    told["farewell"] += 1
                    break


def _next(numbers: list[int], dice: random.Random) -> list[Question]:
    count = dice.randint(2, 5) if dice.random() < SEVERAL_AT_ONCE else 1
    questions = []
    while numbers and len(questions) < count:
        questions.append(Question.chosen(numbers.pop(), dice))
        if questions[-1].may_be_broken_off:
            break  # what came behind it could not be accounted for
    return questions


async def _ask(peer: Peer, data: bytes, dice: random.Random) -> None:
    if dice.random() < IN_PIECES:
        cut = dice.randrange(len(data))
        peer.send(data[:cut])
        await asyncio.sleep(0)
        data = data[cut:]
    peer.send(data)


async def _answers(peer: Peer, questions: list[Question], told: Counter[str]) -> bool:
    """Whether the connection goes on."""
    for index, question in enumerate(questions):
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await peer.answer()
        except TimeoutError:
            raise AssertionError(f"lost: {question}, {index} of {len(questions)}") from None
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if not question.may_be_broken_off:
                raise AssertionError(f"broken off: {question}, {index} of {len(questions)}") from error
            told["broken off"] += 1
            return False
        told[question.judge(answer)] += 1
        if answer.one(b"connection") == b"close":
            told["behind the last answer"] += len(questions) - index - 1
            return False
    return True


async def _farewell(peer: Peer) -> None:
    """A last question: had any before it been answered twice, its answer would not be what comes next, and the last."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await peer.send(FAREWELL).answer()
        assert answer.status == 404, answer
        assert await peer.ended()
