"""Campaigns: clusters of near-duplicate comments, found as they arrive."""
