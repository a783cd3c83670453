"""Turn labeled text into a scorer, and score with it; knows nothing of the web."""
