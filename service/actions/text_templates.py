"""Every text there is, as a phone shows it, with what it costs: for those who run the network."""

import msgspec

from service.domain import segments, text_samples
from service.domain.patient_texts import Reply, TextKind
from service.domain.segments import Size
from templates import render, surroundings


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One text in one language, with names of an ordinary length, and its size in the air."""

    kind: str
    language: str
    text: str
    size: Size


def listed(public_url: str) -> list[Written]:
    """List every text in every language, in the order of the table."""
    return [
        _written(str(kind), language, public_url)
        for kind in (*TextKind, *Reply)
        for language in surroundings.LANGUAGES
    ]


def _written(kind: str, language: str, public_url: str) -> Written:
    link = f"{public_url}/p/{text_samples.SECRET}"
    text = render.text(kind, language=language, context=text_samples.SAID | {"link_url": link})
    return Written(kind=kind, language=language, text=text, size=segments.measure(text))
