"""Pure: normalization, tokens, languages, negation, features, and labels."""
