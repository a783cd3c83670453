"""Admins' rules for comments: conditions, matching, backtests."""
