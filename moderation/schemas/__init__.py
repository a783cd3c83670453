"""Every body in and out. Pure: no database, no user, no network."""
