"""A link as a QR code made of block characters, to be read by a phone's camera from a terminal."""

from tui.table.address import NoDoor

_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def qr_rows(link: str) -> list[str]:
    """Rows of the code; the light modules are drawn, since a terminal is dark. Raises NoDoor if segno is
    not installed.
    """
    try:
        import segno
    except ImportError:
        raise NoDoor("QR codes need the package segno; install mxdrill[table]") from None
    light = [[not dark for dark in row] for row in segno.make(link, error="l").matrix_iter(border=2)]
    if len(light) % 2:
        light.append([True] * len(light[0]))
    return [
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(light[::2], light[1::2], strict=True)
    ]
