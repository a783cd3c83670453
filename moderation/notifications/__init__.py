"""Notifications to staff by email and chat: who gets them, when, and how they read."""
