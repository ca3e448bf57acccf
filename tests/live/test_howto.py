"""The examples of docs/howto/send-real-mail.md do what they say."""

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/howto/send-real-mail.md").read_text(encoding="utf-8")


def example(language: str, word: str) -> str:
    """The block of the page in that language that holds `word`."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if word in block]
    return "\n".join(line.removeprefix("   ") for line in found.splitlines())


@pytest.mark.parametrize(
    ("language", "word", "needs"),
    [("sh", "swaks", "swaks"), ("sh", "curl", "curl"), ("python", "smtplib", sys.executable)],
)
async def test_example_sends(lab, drill, tmp_path: Path, language: str, word: str, needs: str) -> None:
    program = shutil.which(needs)
    if program is None:
        pytest.skip(f"{needs} is not installed")
    (tmp_path / "letter.eml").write_text("Subject: Offer 17\n\nHello Bob\n")
    text = (
        example(language, word).replace("40769", str(lab.ports.mx)).replace("harbour.example", "contoso.test")
    )
    words = (program, "-c", text) if language == "python" else ("sh", "-c", text)
    pipe = asyncio.subprocess.PIPE
    done = await asyncio.create_subprocess_exec(
        *words, cwd=tmp_path, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(done.communicate(), 60)
    assert done.returncode == 0, out.decode()
    assert [(letter.subject, letter.recipients) for letter in drill.letters] == [
        ("Offer 17", ("bob@contoso.test",))
    ]
