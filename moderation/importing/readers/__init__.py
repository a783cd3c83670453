"""One reader for each format; none of them knows the database."""
