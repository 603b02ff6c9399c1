"""The thread that simple-websocket reads a socket in: the handler's own."""

from collections.abc import Callable


class OwnThread:
    """As much of `threading.Thread` as simple-websocket asks for. It does not start: the handler calls `run`.

    A thread beside the handler's was a second greenlet for each socket, and what is read there had to be handed over.
    """

    name = ""

    def __init__(self, target: Callable[[], None]) -> None:
        self.run = target

    def start(self) -> None:
        pass
