"""The message that every server carries: the very frame that ours makes of it."""

import websocket

from bench.dialects import MARK
from bench.sites import Ours

PATIENCE_SECONDS = 10.0


def sample() -> str:
    """Start our server for a moment, say something there, and keep what comes."""
    with Ours(workers=1) as site:
        [seat] = site.seats(1)
        client = websocket.create_connection(
            f"ws://127.0.0.1:{site.port}{site.path}",
            cookie=seat.cookie,
            origin=f"http://127.0.0.1:{site.port}",
            timeout=PATIENCE_SECONDS,
        )
        for text in site.dialect.opening(seat):
            client.send(text)
        client.send(site.dialect.say(seat, 1))
        while not MARK.search((frame := str(client.recv())).encode()):
            pass
        client.close()
        return frame
