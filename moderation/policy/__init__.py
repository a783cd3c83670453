"""The policy of a site, pure: what is decided about a comment from facts alone."""
