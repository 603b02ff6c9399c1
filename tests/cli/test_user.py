"""`flask user ...`."""

import os
import pty
import subprocess
import sys

import pytest
from flask import Flask

from multichat.accounts import changes
from multichat.accounts.passwords import matches
from multichat.config import PROJECT, Settings
from multichat.models import Role, User
from tests.cli.conftest import Run, refusal
from tests.support.person import PASSWORD, Person


def person_named(app: Flask, name: str) -> User | None:
    with app.app_context():
        return User.named(name)


@pytest.mark.parametrize(
    ("options", "role"), [([], Role.member), (["--role", "staff"], Role.staff), (["--role", "admin"], Role.admin)]
)
def test_a_person_is_registered(app: Flask, run: Run, options: list[str], role: Role) -> None:
    result = run("user", "create", "zoe", "--password-stdin", *options, stdin="correct horse\r\nnot this line\n")
    assert (result.exit_code, result.stdout) == (0, f"zoe is registered ({role}).\n")
    zoe = person_named(app, "zoe")
    assert zoe is not None
    assert zoe.role is role
    assert matches(zoe.password_hash, "correct horse")


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("ALICE", b"correct horse", "The username ALICE is taken."),
        ("../zoe", b"correct horse", "A username has 1 to 32 letters or digits"),
        ("zoe", b"short", "A password has 8 to 128 characters."),
        ("zoe", b"", "A password has 8 to 128 characters."),
        ("zoe", b"\xff\xfe correct horse", "The password is not UTF-8 text."),
    ],
)
def test_what_will_not_do_is_refused(app: Flask, run: Run, alice: Person, name: str, password: bytes, why: str) -> None:
    assert refusal(run("user", "create", name, "--password-stdin", stdin=password)).startswith(why)
    assert person_named(app, "zoe") is None


def test_without_a_terminal_nobody_is_asked_for_a_password(app: Flask, run: Run) -> None:
    assert "--password-stdin" in refusal(run("user", "create", "zoe"))
    assert person_named(app, "zoe") is None


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(app: Flask, settings: Settings) -> None:
    terminal, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "user", "create", "zoe"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "MULTICHAT_INSTANCE_PATH": str(settings.MULTICHAT_INSTANCE_PATH),
            "DATABASE_URL": str(settings.DATABASE_URL),
            "REDIS_URL": "memory://",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,  # getpass would ask on the terminal of whoever runs the tests
    )
    os.close(theirs)
    shown = b""
    for asked in (b"Password: ", b"Repeat for confirmation: "):
        while not shown.endswith(asked):
            shown += os.read(terminal, 1024)
        os.write(terminal, b"correct horse\n")
    status = command.wait(30)
    shown += os.read(terminal, 1024)
    os.close(terminal)
    assert status == 0, shown
    assert b"zoe is registered (member)." in shown
    assert b"correct horse" not in shown
    zoe = person_named(app, "zoe")
    assert zoe is not None
    assert matches(zoe.password_hash, "correct horse")


def test_everybody_is_listed(run: Run, ada: Person, bob: Person, alice: Person) -> None:
    run("user", "deactivate", "bob")
    head, *people = [line.split() for line in run("user", "list").stdout.splitlines()]
    assert head == ["NAME", "ROLE", "ACTIVE", "SINCE", "DISPLAY", "NAME"]
    assert [(name, role, active) for name, role, active, *_ in people] == [
        ("ada", "admin", "yes"),
        ("alice", "member", "yes"),
        ("bob", "member", "no"),
    ]


def test_a_name_cannot_turn_the_terminal_s_text_around(app: Flask, run: Run, mallory: Person) -> None:
    with app.app_context():
        changes.rename(mallory.id, "mallory \u202enimda")
    listed = run("user", "list").stdout
    assert "nimda" in listed
    assert "\u202e" not in listed


def test_a_new_password_ends_the_sign_ins_of_the_old_one(app: Flask, run: Run, alice: Person) -> None:
    assert alice.get("/").status_code == 200
    result = run("user", "set-password", "Alice", "--password-stdin", stdin="battery staple\n")
    assert (result.exit_code, result.stdout) == (0, "alice has a new password and is signed out everywhere.\n")
    assert alice.get("/").status_code == 302
    now = person_named(app, "alice")
    assert now is not None
    assert matches(now.password_hash, "battery staple")
    assert not matches(now.password_hash, PASSWORD)


def test_a_deactivated_person_is_signed_out(run: Run, alice: Person, bob: Person) -> None:
    result = run("user", "deactivate", "alice")
    assert (result.exit_code, result.stdout) == (0, "alice is deactivated and signed out everywhere.\n")
    assert alice.get("/").status_code == 302
    assert bob.get("/").status_code == 200


def test_the_last_administrator_stays(run: Run, ada: Person) -> None:
    why = refusal(run("user", "deactivate", "ada"))
    assert why == "ada is the last active administrator and cannot be deactivated."
    assert ada.get("/admin/").status_code == 200


@pytest.mark.parametrize("verb", ["deactivate", "set-password"])
def test_nobody_is_not_found(run: Run, verb: str) -> None:
    assert refusal(run("user", verb, "no\x1bbody")) == "There is nobody named no\N{REPLACEMENT CHARACTER}body."


def test_who_registers_no_administrator_is_told_how(app: Flask) -> None:
    runner = app.test_cli_runner()
    options = {"input": "correct horse battery\n"}
    alone = runner.invoke(args=["user", "create", "zoe", "--password-stdin"], **options)
    assert alone.exit_code == 0
    assert "--role admin" in alone.stderr
    first = runner.invoke(args=["user", "create", "yan", "--role", "admin", "--password-stdin"], **options)
    assert first.stderr == ""
    other = runner.invoke(args=["user", "create", "xue", "--password-stdin"], **options)
    assert other.stderr == ""
