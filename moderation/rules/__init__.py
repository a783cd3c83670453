"""What admins look for in comments: conditions, matching, backtests."""
