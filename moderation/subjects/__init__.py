"""A person's data at a site: found, exported, corrected, erased, forgotten in time."""
