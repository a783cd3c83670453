"""Brings a site's history in from other systems, and writes it out again."""
