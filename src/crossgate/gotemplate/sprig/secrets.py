"""sprig's functions that hash and encrypt. Source: sprig 3.2.3 `crypto.go`.

What needs a library names the extra that brings it along.
"""

import base64
import hashlib
import hmac
import struct
from typing import Any

from crossgate.golang.literals import from_bytes, to_bytes
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.sprig.texts import decode_base64
from crossgate.gotemplate.sprig.world import World

NEEDS_EXTRA = "needs: pip install 'crossgate[templates]'"
_SEED = b"com.lyndir.masterpassword"
_TEMPLATES = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
    "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
    "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno",
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
_VOWELS, _CONSONANTS = "AEIOU", "BCDFGHJKLMNPQRSTVWXYZ"
_LETTERS = _VOWELS + _VOWELS.lower() + _CONSONANTS + _CONSONANTS.lower()
_ALPHABETS = {
    "V": _VOWELS,
    "C": _CONSONANTS,
    "v": _VOWELS.lower(),
    "c": _CONSONANTS.lower(),
    "A": _VOWELS + _CONSONANTS,
    "a": _LETTERS,
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": f"{_LETTERS}0123456789!@#$%^&*()",
}


def _derive_password(counter: int, kind: str, password: str, user: str, site: str) -> str:
    """A password of Master Password 2: from one secret, another one for each site."""
    templates = _TEMPLATES.get(kind)
    if templates is None:
        return f"cannot find password template {kind}"
    name, place = to_bytes(user), to_bytes(site)
    salt = _SEED + struct.pack(">I", len(name)) + name
    key = hashlib.scrypt(to_bytes(password), salt=salt, n=32768, r=8, p=2, maxmem=1 << 26, dklen=64)
    message = _SEED + struct.pack(">I", len(place)) + place + struct.pack(">I", counter & 0xFFFFFFFF)
    seed = hmac.digest(key, message, "sha256")
    words = templates.split()
    word = words[seed[0] % len(words)]
    return "".join([_ALPHABETS[c][seed[index + 1] % len(_ALPHABETS[c])] for index, c in enumerate(word)])


class _Secrets:
    def __init__(self, world: World) -> None:
        self._world = world

    def bcrypt(self, text: str) -> str:
        try:
            import bcrypt
        except ImportError:
            raise GoError(f"bcrypt {NEEDS_EXTRA}") from None
        raw = to_bytes(text)
        if len(raw) > 72:
            return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
        salt = b"$2a$10$" + _bcrypt_base64(self._world.random_bytes(16))
        return bcrypt.hashpw(raw, salt).decode()

    def htpasswd(self, user: str, password: str) -> str:
        return f"invalid username: {user}" if ":" in user else f"{user}:{self.bcrypt(password)}"

    def encrypt(self, password: str, text: str) -> str:
        if not text:
            return ""
        raw = to_bytes(text)
        padding = 16 - len(raw) % 16
        vector = self._world.random_bytes(16)
        encryptor = _aes(password, vector).encryptor()
        sealed = encryptor.update(raw + bytes([padding]) * padding) + encryptor.finalize()
        return base64.b64encode(vector + sealed).decode()


def _bcrypt_base64(raw: bytes) -> bytes:
    standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    own = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return base64.b64encode(raw).rstrip(b"=").translate(bytes.maketrans(standard, own))


def _aes(password: str, vector: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    except ImportError:
        raise GoError(f"AES {NEEDS_EXTRA}") from None
    key = to_bytes(password)[:32].ljust(32, b"\0")
    return Cipher(algorithms.AES(key), modes.CBC(vector))


def _decrypt(password: str, sealed: str) -> str:
    if not sealed:
        return ""
    raw = decode_base64(to_bytes(sealed))
    if len(raw) < 16:
        raise GoError(f"runtime error: slice bounds out of range [:16] with capacity {len(raw)}")
    decryptor = _aes(password, raw[:16]).decryptor()
    if len(raw) % 16:
        raise GoError("crypto/cipher: input not full blocks")
    plain = decryptor.update(raw[16:]) + decryptor.finalize()
    if not plain:
        raise GoError("runtime error: index out of range [-1]")
    size = len(plain) - plain[-1]
    if size < 0:
        raise GoError(f"runtime error: slice bounds out of range [:{size}]")
    return from_bytes(plain[:size])


def secrets(world: World) -> dict[str, Function]:
    """The functions that hash and encrypt, with a world's random bytes."""
    own = _Secrets(world)
    return {
        "bcrypt": go_function("string", own.bcrypt),
        "decryptAES": go_function("string, string", _decrypt),
        "derivePassword": go_function("uint32, string, string, string, string", _derive_password),
        "encryptAES": go_function("string, string", own.encrypt),
        "htpasswd": go_function("string, string", own.htpasswd),
    }
