"""A process that computes statistics for `crew`: `python -m metrics.automatic.helper`.

Standard input brings pickles of (metric or None for the one before, pairs), standard output takes
pickles of their statistics. It ends when its input does, or at the first error.
"""

import os
import pickle
import sys
from typing import Any


def main() -> None:
    """Answer until there is nothing more to read."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    metric: Any = None
    while True:
        try:
            new, pairs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        metric = new or metric
        pickle.dump(metric.statistics(pairs), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    main()
