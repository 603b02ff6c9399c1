"""Passwords: which will do, and how they are kept (OWASP's Password Storage Cheat Sheet, NIST SP 800-63B)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from multichat.models import Refused
from multichat.models.names import is_text, name_key

SHORTEST, LONGEST = 8, 128

# OWASP's second choice of argon2id: a third of the memory of its first, since a small server hashes ten at once.
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)

# What nobody's password is compared with, so that a name that nobody has takes as long as one that somebody has. It was
# made by `_hasher` of a random password that was thrown away.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$CCsNFNuMjIzihy+QuILYgw$hM9fhrrEi0D7aVovTZk/BpxCG17dj+PUghR8RDEfY9E"


def check(password: str, username: str) -> None:
    """Raises `Refused` for a password that will not do."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"A password has {SHORTEST} to {LONGEST} characters.")
    if not is_text(password):
        raise Refused("This password has characters that cannot be typed.")
    if name_key(password) == name_key(username.strip()):
        raise Refused("The password must not be the username.")


def hash_password(password: str) -> str:
    """Takes tens of milliseconds: a request calls it through `offload`."""
    return _hasher.hash(_normal(password))


def matches(password_hash: str, password: str) -> bool:
    """Takes as long as `hash_password`, but for a password that nobody can have."""
    if len(password) > LONGEST or not is_text(password):
        return False
    try:
        return _hasher.verify(password_hash, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    # Keyboards differ in how they compose an accent; the password is the same (NIST SP 800-63B, section 3.1.1.2).
    return unicodedata.normalize("NFKC", password)
