"""Recipes, fitting, and adaptation to a site."""
