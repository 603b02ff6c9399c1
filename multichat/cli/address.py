"""Where people reach this server, as far as the settings tell."""

from flask import current_app

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


def own_address() -> str:
    """The public address, or else that on this machine."""
    config = current_app.config
    if config["MULTICHAT_PUBLIC_URL"]:
        return str(config["MULTICHAT_PUBLIC_URL"])
    host = "localhost" if config["HOST"] in EVERYWHERE else config["HOST"]
    return f"http://{f'[{host}]' if ':' in host else host}:{config['PORT']}"
