"""Readers that are slow, or stop: they get every byte or are cut off, and hold up nobody."""

import socket
import time

from multichat.models import Room
from tests.support.socket import Tab
from tests.support.visitor import Visitor
from tests.system.conftest import House

# As many characters as fit; markup and all, a frame of 36 KB.
LONG = "😀&" * 4_000
# A client that takes little, over segments of the size that a network has: on loopback's own the server's kernel would
# keep 2.8 MB for it, and nobody would have to wait.
NARROW = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096), (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400))


def read_in_dribbles(tab: Tab) -> None:
    """From now on the tab takes a little at a time, with pauses."""
    receive = tab.ws.frame_buffer.recv

    def dribble(size: int) -> bytes:
        time.sleep(0.001)
        return receive(min(size, 1_500))

    tab.ws.frame_buffer.recv = dribble


def test_long_messages_arrive_whole_at_a_slow_reader(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    slow = bob.enter(lobby.id, sockopt=NARROW)
    read_in_dribbles(slow)
    tab = alice.enter(lobby.id)
    for _ in range(6):
        client_id = tab.say(lobby.id, LONG)
    slow.until(client_id)
    slow.tell("read", room=lobby.id, ordinal=6)
    slow.say(lobby.id, "and it is still a WebSocket")

    page = alice.timeline(lobby.id)
    assert page.bodies == [LONG] * 6 + ["and it is still a WebSocket"]
    assert slow.timelines[lobby.id] == page


def test_a_reader_that_stops_is_cut_off_while_the_others_get_everything(
    house: House, alice: Visitor, bob: Visitor, mallory: Visitor, lobby: Room
) -> None:
    stopped = mallory.enter(lobby.id, sockopt=NARROW)
    hers, his = alice.enter(lobby.id), bob.enter(lobby.id)
    beside_her = bob.enter(lobby.id, on=house.worker_of(stopped.socket))
    # More than the kernel, and then the outbox of 1 MiB, take for somebody who does not read.
    sent = [hers.say(lobby.id, LONG) for _ in range(40)]
    # It wakes up and finds itself cut off, after whole messages alone.
    stopped.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024 * 1024)
    assert stopped.close_code() == 1013
    had = stopped.timelines[lobby.id]
    assert had.bodies == [LONG] * len(had.bodies)
    assert len(had.bodies) < len(sent)
    # It gets the rest when it comes back.
    back = mallory.open()
    back.timelines[lobby.id] = had
    back.join(lobby.id)
    assert had.bodies == [LONG] * len(sent)
    for tab in (his, beside_her):
        tab.until(sent[-1])
        assert tab.timelines[lobby.id] == hers.timelines[lobby.id] == had


def test_a_slow_reader_catches_up_at_its_own_pace(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    tab = alice.enter(lobby.id)
    sent = [tab.say(lobby.id, LONG) for _ in range(40)]
    slow = bob.open(sockopt=NARROW)
    slow.join(lobby.id, after=0)
    assert slow.timelines[lobby.id].bodies == [LONG] * len(sent)
    assert slow.timelines[lobby.id].resets == 0
