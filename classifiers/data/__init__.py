"""Public data sets, contrasts, grouping, and a teacher's labels."""
