"""Make the pictures of the README from what the program prints: `make pictures`.

The plan's screen is typed on a terminal and drawn by rich; the report is a page of `earmark report`, looked
at with the system's Chromium. Both are of recordings and a wallet that are made for it.
"""

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import simulator  # noqa: E402 - the folders above
from simulator.server import Simulator  # noqa: E402
from support import shelves  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
COLUMNS = 118
WIDE, HIGH = 1160, 1250
CHROMIUM = "/usr/bin/chromium"

Colour = tuple[int, int, int]
ANSI: list[Colour] = [
    *((60, 60, 60), (176, 32, 32), (0, 112, 60), (140, 90, 0)),
    *((30, 80, 180), (130, 50, 150), (0, 110, 130), (110, 110, 110)),
]
BRIGHT: list[Colour] = [
    *((130, 130, 130), (255, 123, 114), (86, 211, 100), (227, 179, 65)),
    *((121, 192, 255), (210, 168, 255), (86, 212, 221), (240, 246, 252)),
]
THEMES = {
    "light": TerminalTheme((250, 250, 250), (36, 41, 47), ANSI, ANSI),
    "dark": TerminalTheme((22, 27, 34), (230, 237, 243), BRIGHT, BRIGHT),
}
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

SCENARIO = simulator.Scenario(
    job_seconds=0.0,
    job_seconds_per_minute=0.02,
    names="strip",
    faults=(simulator.Fault(at="submit:transcription", do="drop", name="ep03*", nth=2),),
)

RULES = """\
rules:
- {match: podcasts/**, service: transcription}
- {match: songs/**, service: [stems:six, transcription]}
"""


def main() -> None:
    """All pictures, anew."""
    PICTURES.mkdir(exist_ok=True)
    folder = Path(tempfile.gettempdir(), "archive")  # the report shows this name
    folder.mkdir()
    try:
        shelves.podcasts(folder)
        shelves.album(folder)
        (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
        plan = "plan podcasts/ --service transcription"
        with simulator.serve(SCENARIO, wallet_cents=300) as sim:
            draw("plan", plan, typed(folder, plan, environment(folder, sim)))
        with simulator.serve(SCENARIO, wallet_cents=2000) as sim:
            environ = environment(folder, sim)
            for line in (
                "plan podcasts/ songs/ --rules rules.yaml -o all.yaml",
                "run all.yaml --max-spend 6 --report now.html",
            ):
                typed(folder, line, environ)
        photograph(folder / "now.html")
    finally:
        shutil.rmtree(folder)
    for path in sorted(PICTURES.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")  # noqa: T201 - what it is for


def environment(folder: Path, sim: Simulator) -> dict[str, str]:
    """A shell that talks to a simulator."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "COLUMNS": str(COLUMNS),
        "AUDIOPOD_API_KEY": sim.key,
        "AUDIOPOD_BASE_URL": sim.url,
        "XDG_STATE_HOME": str(folder / sim.url.rpartition(":")[2]),
    }


def typed(folder: Path, line: str, environ: dict[str, str]) -> str:
    """What a command prints on a terminal, stdout alone."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own commands
        line.split(), cwd=folder, env=environ, stdout=theirs, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    read = []
    while True:
        try:
            read.append(os.read(ours, 65536))
        except OSError:  # how the end of a terminal reads
            break
        if not read[-1]:
            break
    os.close(ours)
    process.wait()
    return b"".join(read).decode().replace("\r\n", "\n")


def draw(name: str, line: str, screen: str) -> None:
    """A screen below its command line, as a picture for light and for dark pages."""
    text = Text.assemble(("$ ", "dim"), (line, "bold"), "\n", Text.from_ansi(screen.rstrip()))
    for scheme, theme in THEMES.items():
        console = Console(record=True, width=COLUMNS, file=Path(os.devnull).open("w"), force_terminal=True)  # noqa: SIM115
        console.print(text, soft_wrap=False)
        drawn = console.export_svg(title="", theme=theme, unique_id=name)
        drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
        drawn = re.sub(r"<!--.*?-->\s*", "", drawn, flags=re.DOTALL)
        drawn = re.sub(r"font-family: Fira Code, monospace", f"font-family: {FONTS}", drawn)
        (PICTURES / f"{name}-{scheme}.svg").write_text(drawn + "\n", encoding="utf-8")


def photograph(page: Path) -> None:
    """The first screen of a report, for light and for dark pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            shown = browser.new_page(color_scheme=scheme, viewport={"width": WIDE, "height": HIGH})
            shown.goto(page.as_uri())
            shown.wait_for_timeout(500)
            shown.screenshot(path=str(PICTURES / f"report-{scheme}.png"))
        browser.close()


if __name__ == "__main__":
    main()
