"""Forms whose page is older than the session: sent again from a tab of yesterday, or forged by another site."""


def test_a_stale_sign_in_form_keeps_the_name_and_works_the_next_time(browser):
    stale = {"username": "alice", "password": "correct horse battery", "csrf_token": "of yesterday"}
    answer = browser.client.post("/sign-in", data=stale)
    assert answer.status_code == 400
    assert "This page was out of date" in answer.text
    assert 'value="alice"' in answer.text
    assert "correct horse battery" not in answer.text
    assert browser.sign_in("alice").status_code == 303


def test_where_one_was_going_is_not_forgotten(browser):
    answer = browser.client.post("/sign-in", data={"username": "alice", "next": "/rooms/7"})
    assert 'name="next" type="hidden" value="/rooms/7"' in answer.text


def test_two_tabs_at_the_sign_in_form_both_end_at_home(browser):
    other_tab = {"username": "alice", "password": "correct horse battery", "csrf_token": browser.csrf_token()}
    browser.sign_in("alice")
    answer = browser.client.post("/sign-in", data=other_tab)
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_message_from_a_stale_page_is_shown_and_not_sent(app, desk, lobby):
    answer = desk.client.post(
        f"/rooms/{lobby.id}/messages",
        data={"body": "a long <thought>", "csrf_token": "of yesterday"},
        headers={"Referer": f"http://localhost/rooms/{lobby.id}?beside=8"},
    )
    assert answer.status_code == 400
    assert "a long &lt;thought&gt;</textarea>" in answer.text
    assert f'href="/rooms/{lobby.id}?beside=8">Back to the page' in answer.text
    assert "a long" not in desk.get(f"/rooms/{lobby.id}").text


def test_a_forged_form_leads_back_to_no_other_site(desk):
    answer = desk.client.post("/theme", data={"theme": "dark"}, headers={"Referer": "https://evil.example/trap"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
