"""`rtgen plugin`: the VST3, CLAP and LV2 plugin where hosts find it."""

from __future__ import annotations

import typer

app = typer.Typer(help="The plugin for DAWs", no_args_is_help=True)


@app.command("install")
def install() -> None:
    """Put the plugin where the hosts of this system look."""
    from rtgen.serve import plugin_files

    for file in plugin_files.install():
        print(file.installed)
    print("start the engine with `rtgen serve --daemon`, then let your host scan its plugins")


@app.command("uninstall")
def uninstall() -> None:
    """Take it away again."""
    from rtgen.serve import plugin_files

    gone = plugin_files.uninstall()
    for file in gone:
        print(f"removed {file.installed}")
    if not gone:
        print("the plugin is not installed")


@app.command("path")
def path() -> None:
    """Where the plugin is, one format a line."""
    from rtgen.serve import plugin_files

    for file in plugin_files.plugin_files():
        there = file.installed if file.installed.exists() else "not installed"
        print(f"{file.kind}\t{there}\t{file.built if file.built.exists() else 'not built'}")
