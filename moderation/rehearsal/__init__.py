"""Replays past comments through rules, policy, and model: what would become of them."""
