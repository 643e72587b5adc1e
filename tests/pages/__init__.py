"""Pages of docs/ that are written by running the code."""
