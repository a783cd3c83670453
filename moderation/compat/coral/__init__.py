"""Coral's external moderation phase. Nothing of a comment is stored here."""
