"""Sentences of our own, harmless and harmful, that fill gaps of public sets."""
