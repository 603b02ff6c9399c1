import argon2
import pytest

from multichat.accounts import passwords
from multichat.models import Refused


@pytest.mark.parametrize("password", ["12345678", "x" * 128, "пароль-пароль", "👩‍👩‍👧 eight", " spaces around it "])
def test_a_good_password_opens_what_it_locked(password):
    passwords.check(password, "alice")
    assert passwords.matches(passwords.hash_password(password), password)
    assert not passwords.matches(passwords.hash_password(password), password + "!")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("seven77", "A password has 8 to 128 characters."),
        ("x" * 129, "A password has 8 to 128 characters."),
        ("alice-liddell", "The password must not be the username."),
        ("ALICE-Liddell", "The password must not be the username."),
        ("with a \0 in it", "This password has characters that cannot be typed."),
        ("with a \udc80 in it", "This password has characters that cannot be typed."),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_a_sentence(password, sentence):
    with pytest.raises(Refused, match=sentence):
        passwords.check(password, "Alice-Liddell ")


def test_an_accent_is_the_same_on_every_keyboard():
    assert passwords.matches(passwords.hash_password("caf\u00e9 noir"), "cafe\u0301 noir")


def test_passwords_are_kept_as_owasp_says():
    kept = argon2.extract_parameters(passwords.hash_password("12345678"))
    assert (kept.type, kept.memory_cost, kept.time_cost, kept.parallelism) == (argon2.Type.ID, 19 * 1024, 2, 1)


def test_nobodys_hash_takes_as_long_as_somebodys():
    assert argon2.extract_parameters(passwords.NOBODYS) == argon2.extract_parameters(passwords.hash_password("x" * 8))


def test_a_hash_that_is_none_opens_to_nothing():
    assert not passwords.matches("", "12345678")
