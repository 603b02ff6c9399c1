def test_colours_are_kept_in_this_browser(alice):
    for choice in ("light", "dark", "system"):
        assert alice.post("/theme", {"theme": choice}).status_code == 303
        assert f'<html lang="en" data-theme="{choice}">' in alice.get("/").text


def test_without_a_choice_the_system_chooses(browser):
    assert '<html lang="en" data-theme="system">' in browser.get("/sign-in").text


def test_a_choice_outlasts_the_sign_in(desk):
    desk.post("/theme", {"theme": "dark"})
    desk.post("/sign-out")
    assert 'data-theme="dark"' in desk.get("/sign-in").text
    desk.post("/theme", {"theme": "light"})
    assert 'data-theme="light"' in desk.get("/sign-in").text


def test_the_cookie_lasts_a_year_and_is_ours_alone(alice):
    cookie = alice.post("/theme", {"theme": "dark"}).headers["Set-Cookie"]
    assert cookie.startswith("theme=dark; ")
    assert "; Max-Age=31536000;" in cookie
    assert "; HttpOnly" in cookie
    assert "; SameSite=Lax" in cookie


def test_one_stays_where_one_was(alice):
    assert alice.post("/theme", {"theme": "dark", "next": "/rooms/7?beside=8"}).location == "/rooms/7?beside=8"
    assert alice.post("/theme", {"theme": "dark", "next": "//evil.example"}).location == "/"


def test_a_theme_that_there_is_not_is_refused(alice):
    assert alice.post("/theme", {"theme": '"><script>'}).status_code == 400
    assert alice.client.get_cookie("theme") is None


def test_a_forged_cookie_is_no_way_into_the_page(browser):
    browser.client.set_cookie("theme", '"><script>alert(1)</script>')
    assert "<script>alert" not in browser.get("/sign-in").text


def test_a_foreign_page_cannot_choose(alice):
    assert alice.client.post("/theme", data={"theme": "dark"}).status_code == 400
