"""What a client may send that is no command, and how it is answered."""

import json
from typing import Any
from uuid import uuid4

from multichat.models import Room


def faults(room: Room) -> list[tuple[str, str]]:
    """Texts, each with the code of its error; for somebody who has joined the room and is no staff."""

    def command(name: Any = "send", **fields: Any) -> str:
        usual = {"room": room.id, "body": "hi", "client_id": str(uuid4())} if name == "send" else {}
        return json.dumps({"command": name} | usual | fields)

    without = json.loads(command())
    return [
        # No command at all
        *((text, "COMMAND_INVALID") for text in ("", "hi", "{", "null", "true", "7", '"join"', "[]", '[{"a": 1}]')),
        ("[" * 60_000, "COMMAND_INVALID"),
        ("1" * 5_000, "COMMAND_INVALID"),
        ("{}", "COMMAND_INVALID"),
        *((command(name), "COMMAND_INVALID") for name in ("nope", "", "JOIN", None, 7, ["join"], {"join": 1})),
        # Fields that are missing or of another type
        *((json.dumps(without | {name: None}), "COMMAND_INVALID") for name in ("room", "body", "client_id")),
        *((command(name), "COMMAND_INVALID") for name in ("join", "leave", "typing", "read")),
        *((command(name, room=room.id), "COMMAND_INVALID") for name in ("edit", "delete", "react", "read")),
        (command("edit", room=room.id, ordinal=1), "COMMAND_INVALID"),
        (command("react", room=room.id, ordinal=1), "COMMAND_INVALID"),
        (command("react", room=room.id, ordinal=1, emoji="👍", off="maybe"), "COMMAND_INVALID"),
        *((command(reply_to=value), "COMMAND_INVALID") for value in ("x", 1.5, [], True)),
        *((command("delete", room=room.id, ordinal=value), "COMMAND_INVALID") for value in ("", "x", 1.5, [], None)),
        *((command("join", room=value), "COMMAND_INVALID") for value in ("", "x", "1.0", "1e3", "٣", "+1", " 1", 1.5)),
        *(
            (command("join", room=value), "COMMAND_INVALID")
            for value in (True, [room.id], {"id": room.id}, "9" * 5_000)
        ),
        *((command("join", room=room.id, after=value), "COMMAND_INVALID") for value in ("x", 1.5, [], True)),
        *((command(body=value), "COMMAND_INVALID") for value in (7, ["hi"], {"text": "hi"})),
        *((command(client_id=value), "COMMAND_INVALID") for value in ("", "x", 7, [], "6ba7b810" * 4 + "0")),
        *((command("typing", room=room.id, stopped=value), "COMMAND_INVALID") for value in ("maybe", 7, [])),
        *((command(level=value), "COMMAND_INVALID") for value in ("loud", "Message", 7, ["alert"])),
        # Rooms that are nobody's
        *((command("join", room=value), "ROOM_INVALID") for value in (0, -1, "-1", 2**31, 2**63, "9" * 19, 10**300)),
        (command(room=-(2**63)), "ROOM_INVALID"),
        # What may not be said
        *(
            (command(body=body), "MESSAGE_INVALID")
            for body in ("", " \r\n\t", "x" * 8_001, "nul\0", "\ud83d", "\udc00x")
        ),
        # Messages that are not there
        *((command(reply_to=value), "MESSAGE_INVALID") for value in (0, -1, 1000, 2**31, 10**300)),
        *(
            (command(name, room=room.id, ordinal=value, body="hi", emoji="👍"), "MESSAGE_INVALID")
            for name in ("edit", "delete", "react")
            for value in (0, -1, 1000, 2**31, 2**63, 10**300)
        ),
        (command("react", room=room.id, ordinal=1, emoji="x"), "MESSAGE_INVALID"),
        (command("edit", room=room.id, ordinal=1, body=" "), "MESSAGE_INVALID"),
        # What is not a member's
        *((command(level=level), "ROOM_ACCESS_DENIED") for level in ("warning", "alert", "muted")),
    ]
