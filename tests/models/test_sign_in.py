"""What is kept of a person's sign-ins."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from multichat.database import db, now, writing
from multichat.models import SignIn, User


@pytest.fixture
def alice(app: Flask) -> User:
    with app.app_context(), writing():
        return User.register("alice", "a hash")


@pytest.fixture
def bob(app: Flask) -> User:
    with app.app_context(), writing():
        return User.register("bob", "a hash")


def sign_in(user: User) -> SignIn:
    with writing():
        return SignIn.begin(User.get(user.id))[0]


def test_sign_ins_that_ran_out_go_with_the_next(app: Flask, alice: User, bob: User) -> None:
    with app.app_context():
        old, of_bob = sign_in(alice), sign_in(bob)
        with writing():
            old.expires_at = of_bob.expires_at = now() - timedelta(seconds=1)
        new = sign_in(alice)
        assert set(db.session.scalars(select(SignIn.id))) == {of_bob.id, new.id}


def test_the_token_is_not_kept(app: Flask, alice: User) -> None:
    with app.app_context():
        with writing():
            row, token = SignIn.begin(User.get(alice.id))
        found = SignIn.find(token)
        assert found is not None
        assert found.id == row.id
        assert token not in row.token_hash
        assert SignIn.find(row.token_hash) is None
