"""What came of it: progress, recovery, memory, and the comparison with what was made."""
