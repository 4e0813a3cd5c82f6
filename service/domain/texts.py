"""What texts from outside may be: how long, and without what no database or mail header takes."""

import unicodedata
from typing import Annotated

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""One line that is not empty."""

Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line."""

Text = Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^[^\x00]*$")]
"""Prose."""

Secret = Annotated[str, msgspec.Meta(max_length=1024)]
"""A password or code as it was typed; longer is not hashed."""

Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
"""A language tag of BCP 47, such as `es` or `es-MX`."""

Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=50)]
"""Several lines."""

_JOINERS = "\u200c\u200d"
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def is_name(text: str) -> bool:
    """Say whether somebody can be called so: some of it shows, and no sign turns or hides the rest.

    Joiners between letters belong to names in Persian and in the scripts of India.
    """
    signs = [sign for sign in text if sign not in _JOINERS]
    if any(unicodedata.category(sign) in _HIDDEN for sign in signs):
        return False
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in signs)
