"""From files to the chunks that matter."""
