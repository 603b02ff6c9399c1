"""How often a wrong password may be tried."""

import hashlib
import logging
import math
import time
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

from multichat.extensions import limiter
from multichat.models import Installation
from multichat.models.names import name_key
from multichat.models.user import LOOKED_UP_LIMIT

logger = logging.getLogger(__name__)

# Each try counts before it is looked at, so that many at once are no more than these; success takes all of them back.
FAILURES = "10 per 3 minute"
WINDOW_SECONDS = 180
# What one household or one rented server has of IPv6 addresses.
IPV6_PREFIX = 64


def key() -> str:
    """A name and an address. Hashed: people type passwords into the wrong field."""
    name = name_key(request.form.get("username", "").strip()[:LOOKED_UP_LIMIT])
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return f"{Installation.prefix()}:{digest}:{_neighbourhood(request.remote_addr or '')}"


def forget() -> None:
    """The password was right: what was tried before under this name and address no longer counts."""
    counted = limiter.current_limit
    if counted is not None:
        try:
            counted.limiter.clear(counted.limit, *counted.request_args)
        except limiter.storage.base_exceptions as error:
            logger.warning("Tries to sign in stay counted until their three minutes are over: %s", error)


def seconds_to_wait() -> int:
    """Until the oldest of the tries that were too many no longer counts."""
    counted = limiter.current_limit
    try:
        reset_at = counted.reset_at if counted is not None else 0.0
    except limiter.storage.base_exceptions:
        return WINDOW_SECONDS
    return min(max(1, math.ceil(reset_at - time.time())), WINDOW_SECONDS)


def _neighbourhood(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address  # a Unix socket has none
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, IPV6_PREFIX), strict=False))
    return address
