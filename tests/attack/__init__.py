"""Attacks: all that docs/THREATS.md names, and a crowd of hostile feeds among good ones."""
