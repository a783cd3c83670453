"""Run statements with less work for each of them than SQLAlchemy does."""
