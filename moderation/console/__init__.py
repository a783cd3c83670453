"""The moderators' pages, over the REST API."""
