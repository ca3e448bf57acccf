"""A QR code on the terminal is the code that segno makes."""

import segno

from tui.table.address import qr_rows


def test_the_rows_are_the_modules_of_the_code_with_light_ones_drawn() -> None:
    link = "http://127.0.0.1:8443/join/9hCSOn6pCHwNaZVYgJA-Hg"
    read = []
    for row in qr_rows(link):
        read.append([{"█": False, "▀": False, "▄": True, " ": True}[block] for block in row])
        read.append([{"█": False, "▀": True, "▄": False, " ": True}[block] for block in row])
    dark = [[bool(module) for module in row] for row in segno.make(link, error="l").matrix_iter(border=2)]
    assert read[: len(dark)] == dark
    assert not any(any(row) for row in read[len(dark) :])
