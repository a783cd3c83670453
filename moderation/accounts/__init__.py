"""Staff: log-in, roles, tokens, and two-factor authentication."""
