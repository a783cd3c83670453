"""Record, standing, and notes of whoever writes at a site."""
