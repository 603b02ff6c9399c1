"""What the admin panel and the command line do with people."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from multichat.accounts import changes
from multichat.models import NotFound, Refused, Rights, Role, SignIn, User
from multichat.realtime.frame import RIGHTS_TOPIC
from tests.support.person import PASSWORD

MOVE_RIGHTS = [
    lambda user_id: changes.set_password(user_id, "a good password"),
    lambda user_id: changes.set_role(user_id, Role.staff),
    changes.deactivate,
    changes.activate,
    changes.sign_out_everywhere,
]


def test_somebody_new_signs_in(app, browser):
    with app.app_context():
        changes.create("Zoë", "a good password", "Zoë the First", Role.staff)
    assert browser.sign_in("ZOË", "a good password").status_code == 303
    assert "Zoë the First" in browser.get("/").text
    with app.app_context():
        assert User.named("zoë").is_staff


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [
        ("ALICE", "a good password", "The username ALICE is taken."),
        ("al ice", "a good password", "A username has"),
        ("carol", "short", "A password has"),
        ("carol-carol", "carol-carol", "The password must not be the username."),
    ],
)
def test_somebody_who_cannot_be_is_refused_with_a_sentence(app, alice, username, password, sentence):
    with app.app_context(), pytest.raises(Refused, match=sentence):
        changes.create(username, password)


def test_of_two_who_take_a_name_at_once_one_has_it(app, start_app):
    together = threading.Barrier(2)

    def take(worker):
        with worker.app_context():
            together.wait()
            try:
                return changes.create("carol", "a good password").username
            except Refused as error:
                return str(error)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(take, [app, start_app()])) == ["The username carol is taken.", "carol"]


def test_a_new_password_ends_every_sign_in(app, alice, desk):
    with app.app_context():
        changes.set_password(alice.id, "a new password")
        assert SignIn.find(alice.token) is None
    assert not desk.is_signed_in
    assert desk.sign_in("alice", PASSWORD).status_code == 401
    assert desk.sign_in("alice", "a new password").status_code == 303


def test_a_new_password_that_will_not_do_changes_nothing(app, alice, desk):
    with app.app_context(), pytest.raises(Refused):
        changes.set_password(alice.id, "alice")
    assert desk.is_signed_in


def test_signing_out_everywhere_ends_all_sign_ins_and_nobody_elses(app, alice, bob, desk):
    with app.app_context():
        changes.sign_out_everywhere(alice.id)
        assert SignIn.find(alice.token) is None
        assert SignIn.find(bob.token) is not None
    assert not desk.is_signed_in


def test_a_deactivated_person_is_out_and_comes_back_by_signing_in(app, alice, desk):
    with app.app_context():
        changes.deactivate(alice.id)
    assert not desk.is_signed_in
    with app.app_context():
        changes.activate(alice.id)
    assert not desk.is_signed_in
    assert desk.sign_in("alice").status_code == 303


def test_roles_are_given_and_taken(app, alice):
    with app.app_context():
        changes.set_role(alice.id, Role.staff)
        assert User.get(alice.id).is_staff
        changes.set_role(alice.id, Role.member)
        assert not User.get(alice.id).is_staff


def test_a_name_is_changed(app, alice, desk):
    with app.app_context():
        changes.rename(alice.id, "  Alice   Liddell ")
    assert "Alice Liddell" in desk.get("/").text
    with app.app_context(), pytest.raises(Refused, match="A display name has 1 to 64 characters"):
        changes.rename(alice.id, " ")


@pytest.mark.parametrize(
    "change", [changes.deactivate, lambda user_id: changes.set_role(user_id, Role.staff)], ids=["deactivate", "demote"]
)
def test_the_last_active_administrator_stays(app, ada, change):
    with app.app_context():
        with pytest.raises(Refused, match="ada is the last active administrator"):
            change(ada.id)
        changes.create("grace", "a good password", role=Role.admin)
        change(ada.id)
        assert not (User.get(ada.id).is_admin and User.get(ada.id).active)


def test_of_two_administrators_who_demote_each_other_at_once_one_stays(app, start_app, ada):
    with app.app_context():
        grace_id = changes.create("grace", "a good password", role=Role.admin).id
    together = threading.Barrier(2)

    def demote(worker, user_id):
        with worker.app_context():
            User.get(user_id)  # as it was on the page
            together.wait()
            try:
                changes.set_role(user_id, Role.member)
            except Refused:
                return "refused"
            return "demoted"

    with ThreadPoolExecutor(2) as threads:
        done = threads.map(demote, [app, start_app()], [ada.id, grace_id])
        assert sorted(done) == ["demoted", "refused"]


def test_every_worker_looks_again_when_rights_move(app, alice, other_worker):
    for times, change in enumerate(MOVE_RIGHTS, start=1):
        with app.app_context():
            before = Rights.current()
            change(alice.id)
            assert Rights.current() > before
        assert other_worker.heard == [RIGHTS_TOPIC] * times


def test_nobody_cannot_be_changed(app, alice):
    for change in (*MOVE_RIGHTS, lambda user_id: changes.rename(user_id, "Nobody")):
        with app.app_context(), pytest.raises(NotFound):
            change(alice.id + 1000)
