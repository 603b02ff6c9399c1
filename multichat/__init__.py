"""multichat: a self-hosted team chat."""
