"""Presence: who is in a room, told to whoever is there."""
