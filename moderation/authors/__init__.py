"""Record, standing, and notes of each author at a site."""
