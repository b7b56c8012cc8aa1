"""How single arguments of the terminal are read. Knows no command."""

from __future__ import annotations

import argparse


def positive(argument: str) -> int:
    """Read a whole number from 1."""
    if not argument.isdigit() or int(argument) < 1:
        raise argparse.ArgumentTypeError(f"{argument!r} is not a number from 1")
    return int(argument)


def text(argument: str) -> str:
    """Read an argument as UTF-8: under another locale Python hands its bytes over as lone surrogates, which no file takes."""
    try:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # surrogates that stand for no byte: Windows
        return argument.encode("utf-8", "replace").decode("utf-8")


def words(argument: str) -> str:
    """Read a question, which must say something."""
    if not argument.strip():
        raise argparse.ArgumentTypeError("say what you want to know")
    return text(argument)
