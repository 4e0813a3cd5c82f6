"""Who lives in the demo network: eight organizations of all kinds, and the thirty who sign in."""

from collections.abc import Iterator

import msgspec

from service.domain import people
from service.domain.people import Channel, OrganizationKind, Role

PASSWORD = "blue-kettle-by-the-river"  # noqa: S105 - everybody in a demo may know it
"""Everybody's password in a demo."""

ZONE = "America/Los_Angeles"


class Player(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in: the part of the address before the @, a name and roles."""

    login: str
    name: str
    roles: frozenset[Role]
    npi: str | None = None


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """An organization; its first player with an NPI orders, its coordinators handle the rest."""

    key: str
    name: str
    kind: OrganizationKind
    domain: str
    phone: str
    public_name: str = ""
    channel: Channel = Channel.ACCOUNT
    language: str = "en"
    covered: bool = True
    part2: bool = False
    players: tuple[Player, ...] = ()

    @property
    def mailbox(self) -> str:
        """Where mail to the organization as a whole goes."""
        return f"intake@{self.domain}"

    def address(self, player: Player) -> str:
        """Return what a player signs in with."""
        return f"{player.login}@{self.domain}"


def npi(number: int) -> str:
    """Return a National Provider Identifier that nobody has, with a right check digit."""
    stem = f"19999{number:04d}"
    return next(stem + digit for digit in "0123456789" if people.is_npi(stem + digit))


_ROLES = {
    "a": Role.ORG_ADMIN,
    "c": Role.CLINICIAN,
    "b": Role.BH_CLINICIAN,
    "k": Role.COORDINATOR,
    "f": Role.FRONT_DESK,
    "p": Role.PRIVACY_OFFICER,
    "r": Role.READER,
}


def _players(first: int, *lines: str) -> tuple[Player, ...]:
    """Read lines of login, letters of roles, and name."""
    found = []
    for number, line in enumerate(lines, first):
        login, letters, name = line.split(" ", 2)
        orders = npi(number) if set(letters) & {"c", "b"} else None
        roles = frozenset(_ROLES[letter] for letter in letters)
        found.append(Player(login=login, name=name, roles=roles, npi=orders))
    return tuple(found)


_K = OrganizationKind

CASTS = (
    Cast(
        key="cco",
        name="Columbia Coordinated Care",
        kind=_K.COORDINATION,
        domain="columbiacare.example",
        phone="+15035550100",
        players=_players(
            100,
            "rosa ak Rosa Delgado",
            "amir k Amir Haddad",
            "june k June Park",
            "paula p Paula Wright",
            "victor r Victor Chen",
        ),
    ),
    Cast(
        key="northside",
        name="Northside Family Clinic",
        kind=_K.PRIMARY_CARE,
        domain="northside.example",
        phone="+15035550110",
        players=_players(
            110,
            "ana ack Ana Ruiz",
            "david c David Okafor",
            "mei c Mei Tanaka",
            "tom k Tom Becker",
            "lucia f Lucia Mora",
            "grace f Grace Lindqvist",
            "omar p Omar Said",
        ),
    ),
    Cast(
        key="riverbend",
        name="Riverbend Health Center",
        kind=_K.PRIMARY_CARE,
        domain="riverbend.example",
        phone="+15035550120",
        players=_players(
            120,
            "priya ac Priya Nair",
            "john c John Whitehorse",
            "elena k Elena Petrova",
            "sam f Sam Lee",
            "nadia f Nadia Rahman",
        ),
    ),
    Cast(
        key="cascade",
        name="Cascade Cardiology Group",
        kind=_K.SPECIALTY,
        domain="cascadecardio.example",
        phone="+15035550130",
        players=_players(
            130,
            "helen ac Helen Brandt",
            "marcus c Marcus Osei",
            "yuki k Yuki Mori",
            "carl f Carl Jensen",
            "ines f Ines Ferreira",
        ),
    ),
    Cast(
        key="bridgeway",
        name="Bridgeway Recovery Center",
        public_name="Bridgeway Health",
        kind=_K.BEHAVIORAL_HEALTH,
        domain="bridgeway.example",
        phone="+15035550140",
        part2=True,
        players=_players(
            140,
            "nora ab Nora Feldman",
            "luis b Luis Camacho",
            "tess bk Tess Albright",
            "ben f Ben Sorensen",
            "ruth p Ruth Abara",
        ),
    ),
    Cast(
        key="harbor",
        name="Harbor Food Bank",
        kind=_K.SOCIAL_SERVICE,
        domain="harborfood.example",
        phone="+15035550150",
        channel=Channel.LINK,
        covered=False,
    ),
    Cast(
        key="amiga",
        name="Casa Amiga",
        kind=_K.SOCIAL_SERVICE,
        domain="casaamiga.example",
        phone="+15035550160",
        channel=Channel.LINK,
        language="es",
        covered=False,
    ),
    Cast(
        key="rides",
        name="Metro Care Rides",
        kind=_K.SOCIAL_SERVICE,
        domain="metrorides.example",
        phone="+15035550170",
        covered=False,
        players=_players(
            170,
            "dana ak Dana Kowalski",
            "felix k Felix Moreau",
            "iris f Iris Quan",
        ),
    ),
)
"""Everybody, the coordinating organization first."""

_SHOWN = (("northside", "ana"), ("cascade", "helen"), ("cco", "rosa"))


def cast(key: str) -> Cast:
    """Return an organization by its key."""
    return next(each for each in CASTS if each.key == key)


def shown() -> list[str]:
    """List the three sign-ins to begin with: who sends, who receives, who coordinates."""
    return [f"{login}@{cast(key).domain}" for key, login in _SHOWN]


def printed() -> Iterator[str]:
    """Yield a line for everybody who can sign in."""
    yield f"Everybody's password is {PASSWORD}"
    for each in CASTS:
        for player in each.players:
            roles = ", ".join(sorted(player.roles))
            yield f"{each.address(player):<34} {player.name:<18} {each.name} ({roles})"
        if not each.players:
            yield f"{each.mailbox:<34} {'(by e-mail link)':<18} {each.name}"
