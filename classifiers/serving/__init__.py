"""Score and explain, and read an artifact. No scikit-learn, no scipy."""
