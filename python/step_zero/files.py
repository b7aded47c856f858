"""Texts of reports on their way out: files that appear whole or not at all, and frames of notebooks."""

from __future__ import annotations

import html
import os
import pathlib
import tempfile


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes a file beside its place, then moves it there. The directory must exist."""
    path = pathlib.Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a directory: name a file in it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no directory '{path.parent}': create it first")
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(beside, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        pathlib.Path(beside).unlink(missing_ok=True)
        raise


def existing(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The path of a file that is there."""
    if pathlib.Path(path).is_dir():
        raise IsADirectoryError(f"{path}: this is a directory: name a file in it")
    if not pathlib.Path(path).exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def given(text: str, path: str | os.PathLike[str] | None) -> str:
    """The text, which is written to a file too if one is named."""
    if path is not None:
        write_whole(path, text.encode())
    return text


def framed(page: str) -> str:
    """A page in a frame, so that its styles stay its own."""
    return f'<iframe srcdoc="{html.escape(page)}" style="width: 100%; height: 40em; border: 0"></iframe>'
