"""The front door: commands, screens, progress and exit codes."""
