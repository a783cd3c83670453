"""The deep scorer: a transformer that reads words in their order, in any language."""
