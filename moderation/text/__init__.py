"""Pure: near-duplicate signatures of a text, and where its links lead."""
