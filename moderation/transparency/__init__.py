"""The yearly transparency report, and statements for the European database."""
