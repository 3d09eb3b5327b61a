"""The command line; an extra, since it needs typer and rich."""
