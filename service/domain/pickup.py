"""The words by which somebody who hands things out knows whom a request was for.

A patient is texted three words and says them at the counter; whoever stands there learns nothing
else. The words are spelled alike in English and Spanish, without accents, and cost one octet each
letter in a text. Three of 128 are 21 bits: with sixty tries an hour nobody guesses one.
"""

import re
import unicodedata

from service.domain.people import Channel, SensitivityClass

COUNT = 3
BITS = 7

_WRITTEN = """
alfa ancla arena aroma atlas bambu banana bingo bolero bongo bonsai bravo cacao cactus camino
canal canoa cargo casino cebra cobra coco cometa coral corona costa delta disco diva domino
dragon duna faro fauna feria fiesta flauta flora gala garza gaucho globo gorila grano hotel idea
iguana jade jaguar jazmin judo karate kayak kilo kimono kiwi koala lago lava lila limbo limon
loto luna mambo mango mapa marina melon menta mesa metal moto motor nido novela nube oasis oliva
opera oregano palma panda papaya pasta patio perla piano piloto pizza plata plaza polca polo
poncho puma radar radio rana robot rodeo rosa rumba salsa samba sauna sierra sofa solo tango
tapir taxi tempo tigre toro torre trio tuba tulipan tuna vela violin vista volcan yate yoga
yogur zorro
"""

WORDS = tuple(_WRITTEN.split())
"""Two to the seven, in a fixed order: words that are on their way must not change."""

_BETWEEN = re.compile(r"[^a-z]+")


def is_offered(*, channel: str | None, evidence: str, sensitivity: str) -> bool:
    """Say whether a patient is given words: where an agency by link owes an outcome and no note.

    Of care with a class nothing is told at a counter.
    """
    return (
        channel == Channel.LINK
        and evidence != "consult_note"
        and sensitivity == SensitivityClass.GENERAL
    )


def spoken(number: int) -> str:
    """Spell a number of 21 bits as three words; raises ValueError for any other."""
    if not 0 <= number < 1 << BITS * COUNT:
        raise ValueError("a number of 21 bits is three words")
    places = range(BITS * (COUNT - 1), -1, -BITS)
    return " ".join(WORDS[number >> place & len(WORDS) - 1] for place in places)


def heard(text: str) -> str:
    """Return what was typed as `spoken` spells it: without capitals, accents and commas."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text[:200]).casefold()
        if not unicodedata.combining(letter)
    )
    return _BETWEEN.sub(" ", bare).strip()
