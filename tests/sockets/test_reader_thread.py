"""The thread that a socket is read in."""

import threading

from multichat.sockets.reader_thread import ReaderThread


def test_joining_waits_for_its_end_and_no_longer_than_it_may() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def read() -> None:
        may_end.wait(10)
        ended.set()

    reader = ReaderThread(target=read)
    reader.start()
    reader.join(0.01)
    assert not ended.is_set()
    may_end.set()
    reader.join(10)
    assert ended.is_set()
