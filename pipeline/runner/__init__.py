"""Runs the processes of the line side by side: starts them, restarts what dies, shows progress."""
