"""The page where an author sees the state of a comment, and may appeal."""
