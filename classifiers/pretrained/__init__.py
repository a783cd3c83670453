"""The default model, trained on public data; see MODEL_CARD.md."""
