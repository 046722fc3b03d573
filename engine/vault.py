"""The vault: what is stored apart from the file (举报人身份, domain 2.6) is sealed with SM4-GCM (security D7)."""

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from engine.errors import InvalidError

_NONCE, _TAG = 12, 16


class SealBrokenError(InvalidError):
    """A sealed value was changed, or another key sealed it."""

    words = "保管区的内容无法打开：密钥不符或内容已被改动。"


class Vault:
    """Seals and opens JSON values with a key derived from the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key; its id goes with every sealed value, so that a change of key shows."""
        made = hmac.new(secret or b"bihuan", b"vault", lambda: hashlib.new("sm3")).digest()
        self._key = made[:16]
        self.key_id = hashlib.new("sm3", made).hexdigest()[:8]

    def seal(self, value: Any, about: str) -> str:
        """Return the sealed text of a JSON value; `about` (matter and field) is bound to it: it opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE)
        cipher = Cipher(SM4(self._key), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(about.encode())
        text = cipher.update(json.dumps(value, ensure_ascii=False).encode()) + cipher.finalize()
        return f"{self.key_id}:{b64encode(nonce + cipher.tag + text).decode()}"

    def open(self, sealed: str, about: str) -> Any:
        """Return the value that was sealed; raises SealBrokenError."""
        key_id, _, text = sealed.partition(":")
        raw = b64decode(text)
        nonce, tag, body = raw[:_NONCE], raw[_NONCE : _NONCE + _TAG], raw[_NONCE + _TAG :]
        if key_id != self.key_id:
            raise SealBrokenError
        cipher = Cipher(SM4(self._key), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(about.encode())
        try:
            return json.loads(cipher.update(body) + cipher.finalize())
        except InvalidTag as broken:
            raise SealBrokenError from broken
