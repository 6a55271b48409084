"""Result addresses: signed, and valid for a while only (docs/api.md 1)."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote

from simulator.refusals import Refusal


class Links:
    """Signs paths under `/media/` and checks what comes back."""

    def __init__(self, seed: int) -> None:
        self._secret = f"simulator links {seed}".encode()

    def sign(self, base: str, path: str, expires: float) -> str:
        """An address for `path` that is valid until `expires`."""
        until = f"{expires:.3f}"
        return f"{base}/media/{quote(path)}?expires={until}&signature={self._signature(path, until)}"

    def check(self, path: str, expires: str, signature: str, now: float) -> None:
        """Raises Refusal 403 for an address that is wrong or too old."""
        if not hmac.compare_digest(signature.encode(), self._signature(path, expires).encode()):
            raise Refusal(403, "invalid_signature", "The signature does not match")
        if now > float(expires):
            raise Refusal(403, "link_expired", "This link has expired")

    def _signature(self, path: str, until: str) -> str:
        return hmac.new(self._secret, f"{path} {until}".encode(), hashlib.sha256).hexdigest()[:32]
