"""A comment as a moderator sees it."""
