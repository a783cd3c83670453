"""Tests of the replacement of keys."""
