"""A demo article with the comment form, as readers of a news site see it."""
