"""What makes a worker die that runs `dying_wsgi`. The message is committed in both cases."""

# Nobody was told.
BEFORE_PUBLISHING = "the last words of a worker"
# This worker's own people were told, the others not.
AT_THE_BUS = "the last words to the others"
