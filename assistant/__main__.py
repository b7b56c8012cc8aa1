"""``python -m assistant COMMAND``."""

import signal
import sys

from assistant.cli import main

if __name__ == "__main__":
    # Told to end, it ends as by Ctrl-C: what is finished is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
