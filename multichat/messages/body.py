"""What may be said."""

from multichat.models import BODY_LIMIT, Invalid


def clean(body: str) -> str:
    """The body as it is stored, with plain newlines. Raises `Invalid` when it is empty, too long or not text."""
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not body.strip():
        raise Invalid("There is nothing in this message.")
    if len(body) > BODY_LIMIT:
        raise Invalid(f"This message has {len(body):,} characters; {BODY_LIMIT:,} are the most that fit.")
    if "\0" in body or any("\ud800" <= letter <= "\udfff" for letter in body):
        raise Invalid("This message holds characters that are not text.")
    return body
