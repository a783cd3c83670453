"""The compatibility APIs: each translates requests, and decides nothing."""
