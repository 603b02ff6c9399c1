"""`flask setup-link`."""

from dataclasses import replace
from urllib.parse import urlsplit

from flask import Flask

from multichat.config import Settings, keep_address
from tests.cli.conftest import Run, refusal
from tests.support.person import Person


def test_it_opens_the_set_up_page_each_time(app: Flask, run: Run) -> None:
    first, second = run("setup-link").stdout, run("setup-link").stdout
    assert first == second
    assert first.startswith("http://127.0.0.1:8000/setup/")
    assert app.test_client().get(urlsplit(first.strip()).path).status_code == 200


def test_it_has_the_address_that_browsers_see(run_with: Run) -> None:
    link = run_with("setup-link", MULTICHAT_PUBLIC_URL="https://chat.example.org").stdout
    assert link.startswith("https://chat.example.org/setup/")


def test_a_server_that_listens_everywhere_is_found_on_this_machine(run_with: Run) -> None:
    assert run_with("setup-link", HOST="::", PORT=8042).stdout.startswith("http://localhost:8042/setup/")
    assert run_with("setup-link", HOST="::1", PORT=8042).stdout.startswith("http://[::1]:8042/setup/")


def test_it_leads_to_where_the_server_was_last_started(run_with: Run, settings: Settings) -> None:
    keep_address(replace(settings, PORT=8042))
    assert run_with("setup-link").stdout.startswith("http://127.0.0.1:8042/setup/")
    public = run_with("setup-link", MULTICHAT_PUBLIC_URL="https://chat.example.org").stdout
    assert public.startswith("https://chat.example.org/setup/")


def test_there_is_none_once_somebody_is_registered(run: Run, alice: Person) -> None:
    assert refusal(run("setup-link")) == "Somebody is registered already, so there is no set-up link any more."
