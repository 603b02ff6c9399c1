"""Names that are one name however they are typed."""

import unicodedata


def name_key(name: str) -> str:
    """The form in which names are compared: without case, and composed, so that one look is one name."""
    return unicodedata.normalize("NFKC", name).casefold()
