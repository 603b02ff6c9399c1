"""What an author gets to edit."""

from multichat.messages.markdown.mentions import renamed
from multichat.models import Message, User
from multichat.models.names import name_key


def source(message: Message) -> str:
    """The Markdown as it was written, but that whoever is meant by a name has the username that they have now."""
    usernames = User.usernames({user_id for user_id in message.mentions.values() if user_id})
    now = {key: usernames[user_id] for key, user_id in message.mentions.items() if user_id in usernames}
    return renamed(message.body, {key: name for key, name in now.items() if name_key(name) != key})
