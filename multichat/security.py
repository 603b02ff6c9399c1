"""What every answer and every address is checked for."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


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


def csp_nonce() -> str:
    """This request's nonce; asking for it puts it into the answer's policy. Only Flask-Admin's pages do."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    policy = dict(POLICY)
    if "csp_nonce" in g:
        policy["script-src"] += f" 'nonce-{g.csp_nonce}'"
    headers = response.headers
    headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "static":
        # Pages hold what only their reader may see; a shared computer's back button must not show them.
        headers.setdefault("Cache-Control", "no-store")
    return response
