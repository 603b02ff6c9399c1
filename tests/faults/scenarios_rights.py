"""Rights are taken from people whose sockets are open: from then on they get nothing, and can say nothing."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import delete

from multichat.database import writing
from multichat.extensions import realtime
from multichat.models import Access, Membership, Rights, Role, Room
from tests.faults.checker import LEAK_AFTER_SECONDS, LEAK_AFTER_SECONDS_WITHOUT_BUS
from tests.faults.client import Client
from tests.faults.ground import Ground, account_of
from tests.faults.history import Received, Sent
from tests.faults.result import Result
from tests.support.visitor import Visitor
from tests.system.conftest import House

# Fewer than sixty commands in ten seconds for each socket, and often enough to see when the last one was shown.
SAID_PER_SECOND = 5.0
# In it something is said, and heard.
MOMENT_SECONDS = 0.5
# What is said so long after the last one may be shown, is said to nobody.
BEYOND_SECONDS = 1.0
NEW_PASSWORD = "entirely another one"


@dataclass
class Case:
    """One right that is taken from one person, in a room of their own, with a tab on each worker."""

    name: str
    take: Callable[["Case"], None]
    room: Room
    victim: Visitor
    speaker: Client
    administrator: Visitor
    tabs: list[Client] = field(default_factory=list)
    # Of what the victim said when it was no longer allowed to.
    forbidden: list[str] = field(default_factory=list)
    lost_at: float = 0.0

    @property
    def house(self) -> House:
        assert isinstance(self.victim.server, House)
        return self.victim.server

    def post(self, path: str, **fields: str) -> None:
        """By the administrator, on the panel."""
        answer = self.administrator.post(path, fields)
        assert answer.status_code == 303, f"{path} answers {answer.status_code}"


def revoked(ground: Ground, ways: Collection[str] | None = None) -> Result:
    """By a page, by the panel, by a command: nothing that is said a second later is shown any more, on any worker."""
    ground.start()
    return _revoke_all(ground, LEAK_AFTER_SECONDS, ways)


def revoked_without_bus(ground: Ground) -> Result:
    """The same, with nothing but the database between the workers."""
    ground.start(REDIS_URL="unix:///nowhere/bus.sock")
    return _revoke_all(ground, LEAK_AFTER_SECONDS_WITHOUT_BUS)


def _revoke_all(ground: Ground, patience: float, ways: Collection[str] | None = None) -> Result:
    administrator = ground.visitor("ada", Role.admin)
    staff = ground.visitor("sam", Role.staff)
    cases = [_prepare(ground, case, administrator, staff) for case in WAYS if ways is None or case[0] in ways]
    ground.wait_for(ground.clients)
    # A few at a time, as few as leave the machine time for what is measured.
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda case: _revoke(ground, case, patience), cases))
    rooms = [case.room for case in cases]
    ground.settle(*(room.id for room in rooms), seconds=10)
    result = ground.result(*rooms, reader=account_of(staff), leak_after=patience)
    stored = {message.client_id for message in ground.stored([room.id for room in rooms])}
    for case in cases:
        said = stored.intersection(case.forbidden)
        result.promise(not said, f"{case.name}: {len(said)} messages were stored that were not allowed any more")
        heard = _heard(ground, case)
        result.promise(heard[0] > 0, f"{case.name}: they heard nothing while they were allowed to")
        result.figures[f"last shown after, {case.name}"] = round(heard[1], 3)
    return result


def _prepare(ground: Ground, way: tuple[str, Callable[[Case], None]], administrator: Visitor, staff: Visitor) -> Case:
    name, take = way
    house = ground.house
    victim = ground.visitor("victim", Role.staff if take is demote else Role.member)
    access = {remove: Access.private, demote: Access.staff}.get(take, Access.open)
    room = ground.room(access)
    with house.app.app_context(), writing():
        for member in (victim, staff):
            Membership.raise_last_read(room.id, member.id, 0)
    speaker = ground.client(account_of(staff), [room.id])
    case = Case(name, take, room, victim, speaker, administrator)
    case.tabs = [ground.client(account_of(victim), [room.id], worker=worker) for worker in house.both_workers()]
    return case


def _revoke(ground: Ground, case: Case, patience: float) -> None:
    ground.talk(case.tabs, case.room, SAID_PER_SECOND, MOMENT_SECONDS).result(30)
    with ground.talking([case.speaker], case.room, SAID_PER_SECOND):
        ground.let_pass(MOMENT_SECONDS)
        case.take(case)
        case.lost_at = time.monotonic()
        if case.take not in (archive_on_the_panel, archive_by_command):
            ground.history.lose_right(case.victim.id, case.room.id)
        # At once, since each command is looked at by itself.
        for tab in case.tabs:
            case.forbidden.append(ground.say(tab, case.room, "still me?"))
        ground.let_pass(patience + BEYOND_SECONDS)
    for tab in case.tabs:
        case.forbidden.append(ground.say(tab, case.room, "and now?"))
    ground.let_pass(MOMENT_SECONDS)


def _heard(ground: Ground, case: Case) -> tuple[int, float]:
    """How many messages the victim was shown, and how late after the loss the last of them was said."""
    sent: dict[str, float] = {}
    for event in ground.history.of(Sent):
        sent.setdefault(event.client_id, event.at)
    names = {tab.name for tab in case.tabs}
    times = [
        sent[message.client_id]
        for event in ground.history.of(Received)
        if event.client in names
        for message in event.messages
    ]
    return len(times), max((at - case.lost_at for at in times), default=0.0)


# The ways


def remove(case: Case) -> None:
    """From a private room, as a change of our own would do it: nothing in the program does yet."""
    with case.house.app.app_context():
        with writing() as session:
            Rights.bump()
            membership = (Membership.room_id == case.room.id, Membership.user_id == case.victim.id)
            session.execute(delete(Membership).where(*membership))
        realtime.rights_changed()


def deactivate_on_the_panel(case: Case) -> None:
    case.post(f"/admin/people/deactivate/?id={case.victim.id}")


def deactivate_by_command(case: Case) -> None:
    case.house.flask("user", "deactivate", case.victim.username)


def demote(case: Case) -> None:
    fields = {"display_name": case.victim.username, "role": "member"}
    case.post(f"/admin/people/edit/?id={case.victim.id}", **fields)


def sign_out(case: Case) -> None:
    """In another tab of the same browser."""
    assert case.victim.post("/sign-out").status_code == 303


def sign_out_on_the_panel(case: Case) -> None:
    case.post(f"/admin/people/sign-out/?id={case.victim.id}")


def new_password_on_the_panel(case: Case) -> None:
    case.post(f"/admin/people/password/?id={case.victim.id}", password=NEW_PASSWORD)


def new_password_by_command(case: Case) -> None:
    case.house.flask("user", "set-password", case.victim.username, "--password-stdin", stdin=f"{NEW_PASSWORD}\n")


def make_staff_only(case: Case) -> None:
    case.post(f"/admin/rooms/edit/?id={case.room.id}", name=case.room.name, topic="", access="staff")


def archive_on_the_panel(case: Case) -> None:
    case.post(f"/admin/rooms/archive/?id={case.room.id}")


def archive_by_command(case: Case) -> None:
    case.house.flask("room", "archive", case.room.name)


WAYS: tuple[tuple[str, Callable[[Case], None]], ...] = (
    ("removed from the room", remove),
    ("deactivated on the panel", deactivate_on_the_panel),
    ("deactivated by a command", deactivate_by_command),
    ("demoted on the panel", demote),
    ("signed out in another tab", sign_out),
    ("signed out on the panel", sign_out_on_the_panel),
    ("new password on the panel", new_password_on_the_panel),
    ("new password by a command", new_password_by_command),
    ("room made staff-only on the panel", make_staff_only),
    ("room archived on the panel", archive_on_the_panel),
    ("room archived by a command", archive_by_command),
)
