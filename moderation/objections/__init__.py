"""Reports by readers and appeals by authors."""
