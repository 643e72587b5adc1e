"""What the line reads, made here: feeds, archives, messages, and the record of all of it."""
