"""What a model says no with; one handler makes them a page or a coded error frame."""


class NotFound(Exception):
    """It is not there, or the person may not see it: nobody can tell which."""


class NoMessage(NotFound):
    """The person sees the room, and there is no such message in it."""


class Refused(Exception):
    """The person sees it and may not do this to it. The text is a sentence for them."""


class Invalid(Exception):
    """What was given cannot be. The text is a sentence for the person."""
