"""A worker process: takes pickled pieces of work on its input until there are none."""

from __future__ import annotations

import os
import pickle
import signal
import sys


def serve() -> None:
    """Answer each (function, pieces) with the list of results, or with what the function raised.

    Whatever the work prints goes to the error stream: the output carries answers alone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us stops us
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            work, pieces = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            result: object = [work(piece) for piece in pieces]
        except Exception as error:
            result = error
        pickle.dump(result, answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    serve()
