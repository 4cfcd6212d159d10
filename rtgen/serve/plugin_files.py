"""The built plugins, and the folders in which hosts look for them."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rtgen.errors import EngineError

NAMES = {"vst3": "rtgen.vst3", "clap": "rtgen.clap", "lv2": "rtgen.lv2"}
_FOLDERS = {
    "linux": {"vst3": "~/.vst3", "clap": "~/.clap", "lv2": "~/.lv2"},
    "darwin": {
        "vst3": "~/Library/Audio/Plug-Ins/VST3",
        "clap": "~/Library/Audio/Plug-Ins/CLAP",
        "lv2": "~/Library/Audio/Plug-Ins/LV2",
    },
    "win32": {
        "vst3": "~/AppData/Local/Programs/Common/VST3",
        "clap": "~/AppData/Local/Programs/Common/CLAP",
        "lv2": "~/AppData/Roaming/LV2",
    },
}


@dataclass(frozen=True)
class PluginFile:
    """One format: where it was built, and where hosts look.

    Attributes
    ----------
    built : a file or a folder; it may be missing.
    installed : its place in the user's folder of that format.
    """

    kind: str
    built: Path
    installed: Path


def plugin_files() -> list[PluginFile]:
    """All formats, whether built or not."""
    from rtgen import _bridge

    built = Path(_bridge.__file__).resolve().parent / "plugins"
    folders = _FOLDERS.get(sys.platform, _FOLDERS["linux"])
    return [
        PluginFile(kind, built / name, Path(folders[kind]).expanduser() / name)
        for kind, name in NAMES.items()
    ]


def install() -> list[PluginFile]:
    """Put the built formats where hosts look, in place of older ones; those that were put.

    Raises
    ------
    EngineError when none was built, or a folder cannot be written.
    """
    built = [file for file in plugin_files() if file.built.exists()]
    if not built:
        raise EngineError(
            "this installation has no plugin",
            hint="run `make plugin` in the sources; the README names what it needs",
        )
    for file in built:
        target = file.installed
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.built.is_dir():
                shutil.copytree(file.built, fresh)
            else:
                shutil.copy2(file.built, fresh)
            remove(target)
            fresh.rename(target)
        except OSError as error:
            remove(fresh)
            raise EngineError(
                f"cannot write {target}: {error.strerror}", value=str(target)
            ) from error
    return built


def uninstall() -> list[PluginFile]:
    """Take our formats out of the user's folders; those that were there."""
    there = [file for file in plugin_files() if file.installed.exists()]
    for file in there:
        remove(file.installed)
    return there


def remove(path: Path) -> None:
    """Delete a file or a folder; a link is deleted, not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
