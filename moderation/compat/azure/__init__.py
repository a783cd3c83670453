"""Azure Content Moderator's text screening, v1.0."""
