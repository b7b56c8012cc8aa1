"""A study assistant over one's own notes; the folders are named after the way a question takes."""

__version__ = "0.1.0"
