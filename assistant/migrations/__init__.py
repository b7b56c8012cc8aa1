"""Numbered steps from an empty file to the newest schema; each runs once, in order, in one transaction."""
