"""What a moderator sees of a comment."""
