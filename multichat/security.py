"""What every answer and every address is checked for."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def same_origin() -> bool:
    """Whether the page that sends this request is one of ours.

    A browser always names the origin of a WebSocket; without the check any page could open ours with its visitor's
    cookie (RFC 6455, section 10.2).
    """
    origin = request.headers.get("Origin")
    if origin is None or len(request.headers.getlist("Origin")) != 1:
        return False
    return origin == own_origin()


def own_origin() -> str:
    """The origin that browsers see: MULTICHAT_PUBLIC_URL, or what this request came to."""
    return current_app.config["MULTICHAT_PUBLIC_URL"] or f"{request.scheme}://{request.host}"


def safe_next(url: str | None) -> str | None:
    """The address, if it is a path on this site; else none.

    Browsers drop tabs and newlines, and read a backslash as a slash: `/\\evil.example` is another host.
    """
    if not url or not url.startswith("/") or url.startswith("//"):
        return None
    if "\\" in url or any(ord(letter) < 33 or ord(letter) == 127 for letter in url):
        return None
    parts = urlsplit(url)
    return None if parts.scheme or parts.netloc else url


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "static":
        # Pages hold what only their reader may see; a shared computer's back button must not show them.
        headers.setdefault("Cache-Control", "no-store")
    return response
