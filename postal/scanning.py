"""Reading barcodes and QR codes from a photograph."""

from zxingcpp import BarcodeFormat, BarcodeFormats, TextMode, read_barcodes

from kit.pictures import grey_picture

_FORMATS = BarcodeFormats([BarcodeFormat.Code128, BarcodeFormat.QRCode])

# Lines are looked for across and along; a barcode more than about 15° askew needs the picture turned.
_TURNS = (0, 22.5, 45, 67.5)


def codes_in_picture(data: bytes) -> list[str]:
    """The different texts of the Code 128 and QR codes in a picture file, in the order they are found.

    An empty list when there is none. Raises `kit.pictures.BadPicture` when the bytes are no picture that we
    open. It computes for a second or two on a large photograph: call it in a thread.
    """
    picture = grey_picture(data)
    for degrees in _TURNS:
        turned = picture.rotate(degrees, expand=True, fillcolor=255) if degrees else picture
        found = read_barcodes(turned, formats=_FORMATS, text_mode=TextMode.Plain)
        if texts := [text for code in found if (text := code.text.strip())]:
            return list(dict.fromkeys(texts))
    return []
