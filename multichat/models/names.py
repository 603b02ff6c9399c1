"""Names that are one name however they are typed."""

import unicodedata


def name_key(name: str) -> str:
    """The form in which names are compared: without case, and composed, so that one look is one name."""
    return unicodedata.normalize("NFKC", name).casefold()


def is_text(text: str) -> bool:
    """Whether it is free of control characters and lone surrogates, which nobody types and PostgreSQL does not keep."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)
