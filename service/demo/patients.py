"""Invented patients: a seeded generator, so that every demo has the same people."""

import random
from datetime import date, timedelta

from service.domain.patient import Address, Identity, Mrn, Name

_SEED = 20
_GIVEN = (
    "Walter Irene Jamal Sofia Peter Hana Robert Aisha Linda Tyrell Nguyen Martha Oleg Bella"
    " Chidi Ruth Ivan Naomi Leo Esther"
).split()
_FAMILY = (
    "Hansen Abbott Washington Kim Novak Sato Miller Yusuf Peterson Brooks Tran Olsen Ivanova"
    " Romero Eze Goldberg Horvat Castle Rossi Lund"
).split()
_STREETS = ("Alder St", "Burnside St", "Division St", "Fremont St", "Killingsworth Ave")
_LANGUAGES = {"Tran": "vi", "Ivanova": "ru", "Nguyen": "vi"}
COUNT = 20

MARIA = Identity(
    name=Name(family="Hernández Ruiz", given=("María", "Guadalupe")),
    birth_date=date(1984, 3, 12),
    sex="female",
    address=Address(street="4120 Division St", city="Portland", region="OR", postal_code="97202"),
    phones=("+15035550180",),
    language="es",
    interpreter=True,
    payer="Columbia Coordinated Care",
    payer_kind="medicaid",
    member_number="CCC-88412",
    ethnicity="hispanic",
    mrns=(Mrn(value="N-10000", authority="Northside Family Clinic"),),
)
"""She speaks Spanish, needs an interpreter and has two surnames."""


def patients(today: date) -> tuple[Identity, ...]:
    """Make everybody: María first, then people of all ages."""
    # The same people in every demo; nothing secret hangs on it.
    chance = random.Random(_SEED)  # noqa: S311
    return (MARIA, *(_somebody(chance, number, today=today) for number in range(1, COUNT)))


def _somebody(chance: random.Random, number: int, *, today: date) -> Identity:
    family = _FAMILY[number]
    born = today - timedelta(days=chance.randint(2 * 365, 88 * 365))
    return Identity(
        name=Name(family=family, given=(_GIVEN[number],)),
        birth_date=born,
        sex=chance.choice(("female", "male", "unknown")),
        address=Address(
            street=f"{chance.randint(100, 9900)} {chance.choice(_STREETS)}",
            city="Portland",
            region="OR",
            postal_code=f"972{chance.randint(1, 39):02d}",
        ),
        phones=(f"+1503555{2000 + number:04d}",),
        language=_LANGUAGES.get(family, "en"),
        payer="Columbia Coordinated Care",
        payer_kind=chance.choice(("medicaid", "medicare", "commercial")),
        member_number=f"CCC-{chance.randint(10000, 99999)}",
        mrns=(Mrn(value=f"N-{10000 + number}", authority="Northside Family Clinic"),),
    )
