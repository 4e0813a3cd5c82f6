"""Words that stand in the stage's records and in nothing that a caller sends."""

from datetime import date

from service.domain.patient import Identity, Name

FAMILY, QUESTION, CONTACT, WITNESS, MESSAGE = (
    "Zanziquail",
    "Can you help these quails with corn?",
    "Rosa Quetzal",
    "Witness of quails",
    "Good morning, quail.",
)
ALL = (FAMILY, QUESTION, CONTACT, WITNESS, MESSAGE)

WHO = Identity(
    name=Name(family=FAMILY, given=("María",)),
    birth_date=date(1980, 1, 2),
    phones=("+15035550123",),
    language="es",
)
