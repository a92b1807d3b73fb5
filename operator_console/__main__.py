"""Entry point of `python -m operator_console`."""

from __future__ import annotations

import sys

from operator_console.cli import main

if __name__ == "__main__":
    sys.exit(main())
