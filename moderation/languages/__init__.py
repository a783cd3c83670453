"""The languages of pages and messages: a folder of texts each, and nothing in code."""
