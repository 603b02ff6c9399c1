from multichat.models import Rights, SignIn
from multichat.realtime.frame import RIGHTS_TOPIC


def test_alice_signs_out(desk):
    assert desk.is_signed_in
    answer = desk.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not desk.is_signed_in
    assert desk.token is None


def test_a_cookie_copied_before_is_worth_nothing_after(app, desk, open_browser):
    token = desk.token
    desk.post("/sign-out")
    thief = open_browser()
    with thief.client.session_transaction() as session:
        session["_user_id"] = token
    assert not thief.is_signed_in


def test_the_row_is_gone_and_nobody_elses(app, desk, bob):
    token = desk.token
    desk.post("/sign-out")
    with app.app_context():
        assert SignIn.find(token) is None
        assert SignIn.find(bob.token) is not None


def test_every_worker_looks_its_sockets_up_at_once(app, desk, other_worker):
    before = _rights(app)
    desk.post("/sign-out")
    assert _rights(app) > before
    assert other_worker.heard == [RIGHTS_TOPIC]


def test_signing_out_twice_is_signing_out(desk):
    desk.post("/sign-out")
    answer = desk.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_a_link_does_not_sign_anybody_out(desk):
    assert desk.get("/sign-out").status_code == 405
    assert desk.is_signed_in


def test_a_foreign_page_cannot_sign_anybody_out(desk):
    assert desk.client.post("/sign-out").status_code == 400
    assert desk.is_signed_in


def _rights(app):
    with app.app_context():
        return Rights.current()
