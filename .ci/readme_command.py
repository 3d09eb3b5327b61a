"""Print the first command line of the README that holds a word, so that CI runs what is written."""

import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def main() -> None:
    """Look through the bash blocks for the word given."""
    word = sys.argv[1]
    blocks = re.findall(r"```(?:bash|console)\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        if word in line:
            print(line.removeprefix("$ "))
            return
    sys.exit(f"README.md has no command with {word!r}")


if __name__ == "__main__":
    main()
