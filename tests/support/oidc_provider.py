"""An issuer on loopback: makes tokens, shows its keys, rotates them, and can be slow, down, or lie."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

FAR = 4_102_444_800  # 2100


class OidcProvider:
    """`fetches` counts the requests for its keys. `mode` is how it answers the next of them:

    fine, down (closes the connection), slow (waits for `release`), failing (500 with the right keys), lying (another
    issuer's keys under the same names), garbage.
    """

    def __init__(self) -> None:
        self.fetches = 0
        self.mode = "fine"
        self.release = asyncio.Event()
        self.port = 0
        self._number = 0
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self._impostor = rsa.generate_private_key(65537, 2048)
        self.kid = ""
        self.rotate()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rotate(self, *, keeps_old: bool = False, key: rsa.RSAPrivateKey | None = None) -> None:
        """A new key, or the one given, under a new name; the old ones are shown on only if told so."""
        self._number += 1
        self.kid = f"key-{self._number}"
        kept = self._keys if keeps_old else {}
        self._keys = kept | {self.kid: key or rsa.generate_private_key(65537, 2048)}

    def token(self, **claims: Any) -> str:
        """One signed by the newest key."""
        body = {"iss": self.issuer, "exp": FAR, "sub": "somebody"} | claims
        return jwt.encode(body, self._keys[self.kid], "RS256", headers={"kid": self.kid})

    def impostors_token(self, **claims: Any) -> str:
        """One signed by a key that only a lying provider shows, under the newest key's name."""
        return jwt.encode({"exp": FAR} | claims, self._impostor, "RS256", headers={"kid": self.kid})

    def key_set(self) -> str:
        """What it shows now."""
        keys = []
        for kid, private in self._keys.items():
            shown = self._impostor if self.mode == "lying" else private
            members = RSAAlgorithm.to_jwk(shown.public_key(), as_dict=True)
            keys.append(members | {"kid": kid, "use": "sig", "alg": "RS256"})
        return json.dumps({"keys": keys})

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["OidcProvider"]:
        writers: set[asyncio.StreamWriter] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.add(writer)
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    await reader.readuntil(b"\r\n\r\n")
                    self.fetches += 1
                    mode = self.mode
                    if mode == "down":
                        break
                    if mode == "slow":
                        await self.release.wait()
                    text = "<html>" if mode == "garbage" else self.key_set()
                    status = "500 Oops" if mode == "failing" else "200 OK"
                    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
                    writer.write(head.encode() + text.encode())
            writer.close()
            writers.discard(writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.release.set()
            server.close()
            for writer in writers:
                writer.transport.abort()
