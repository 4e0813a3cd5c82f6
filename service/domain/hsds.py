"""Directories of others in the form of HSDS 3.0: what we take of them, and ours as they read it.

Source: Open Referral Human Services Data Specification 3.0, `service` with its definitions. Taken
are names, state, eligibility, languages, areas, taxonomy terms and phones; the rest is left.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, cast

import msgspec

Text = str | int | float | None
"""A cell as others write it; numbers stand where a text is meant, and the other way round."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A term of some taxonomy."""

    name: Text = None
    code: Text = None


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """What classifies a service."""

    taxonomy_term: Term | None = None


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A number to call."""

    number: Text = None


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """Where a service is offered."""

    name: Text = None


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language that is spoken."""

    name: Text = None
    code: Text = None


Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """Who offers services."""

    id: Id
    name: Name
    alternate_name: Text = None
    phones: tuple[Phone, ...] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered."""

    id: Id
    name: Name
    status: str
    organization: Organization | None = None
    organization_id: str | None = None
    eligibility_description: Text = None
    minimum_age: Text = None
    maximum_age: Text = None
    wait_time: Text = None
    phones: tuple[Phone, ...] = ()
    service_areas: tuple[Area, ...] = ()
    languages: tuple[Language, ...] = ()
    attributes: tuple[Attribute, ...] = ()


STATUSES = frozenset({"active", "inactive", "defunct", "temporarily closed"})


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be taken, and where it stands."""

    where: str
    detail: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A service as we take it; `category` is one of ours, or `other`."""

    id: str
    name: str
    category: str
    eligibility: str
    languages: tuple[str, ...]
    area: tuple[str, ...]
    active: bool
    capacity: str | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An organization as we take it, with all it offers; `number`: its phone as written."""

    id: str
    name: str
    number: str
    offers: tuple[Offer, ...]


CAPACITIES = ("open", "limited", "waitlist", "closed")
OTHER = "other"


def services_in(said: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Find services in a document: a page of them, a list, an organization with them, or one."""
    if isinstance(said, list):
        for number, each in enumerate(cast("list[Any]", said)):
            yield from services_in(each, f"{where}[{number}]")
        return
    fields = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    if "contents" in fields:
        yield from services_in(fields["contents"], f"{where}.contents")
    elif isinstance(fields.get("services"), list):
        owner = {name: value for name, value in fields.items() if name != "services"}
        for number, each in enumerate(fields["services"]):
            own: Any = (
                {"organization": owner} | cast("Any", each) if isinstance(each, dict) else each
            )
            yield f"{where}.services[{number}]", own
    else:
        yield where, said


def read(found: Iterable[tuple[str, Any]]) -> tuple[list[Service], list[Fault]]:
    """Take what is a service; of everything else is told where it stands and what is wrong."""
    services: list[Service] = []
    faults: list[Fault] = []
    for where, each in found:
        try:
            service = msgspec.convert(_bare(each), Service, strict=False)
        except msgspec.ValidationError as reason:
            faults.append(Fault(where=where, detail=str(reason)))
            continue
        if service.status not in STATUSES:
            says = f"The status is one of {', '.join(sorted(STATUSES))}."
            faults.append(Fault(where=f"{where}.status", detail=says))
        elif service.organization is None:
            faults.append(Fault(where=f"{where}.organization", detail="It names no organization."))
        else:
            services.append(service)
    return services, faults


def _bare(said: Any) -> Any:
    """Leave out what is null: a list that is not there and one that is null mean the same."""
    if isinstance(said, dict):
        fields = cast("dict[str, Any]", said)
        return {name: _bare(value) for name, value in fields.items() if value is not None}
    return [_bare(each) for each in cast("list[Any]", said)] if isinstance(said, list) else said


def entries(services: Iterable[Service], *, categories: Mapping[str, str]) -> list[Entry]:
    """Gather services by organization, in the order they came; a service said twice is taken once.

    `categories`: our category by a term's name or code, in small letters.
    """
    owners: dict[str, Organization] = {}
    offered: dict[str, dict[str, Offer]] = {}
    for each in services:
        assert each.organization is not None
        owners.setdefault(each.organization.id, each.organization)
        offers = offered.setdefault(each.organization.id, {})
        offers[each.id] = _offer(each, categories)
    return [
        Entry(
            id=owner.id,
            name=_line(owner.name),
            number=_number(owner, services),
            offers=tuple(offered[owner.id].values()),
        )
        for owner in owners.values()
    ]


def _number(owner: Organization, services: Iterable[Service]) -> str:
    """Find the organization's phone: its own, else the first of its services."""
    own = [phone.number for phone in owner.phones]
    of_services = [
        phone.number
        for each in services
        if each.organization is not None and each.organization.id == owner.id
        for phone in each.phones
    ]
    return next((_line(number) for number in (*own, *of_services) if _line(number)), "")


def _offer(service: Service, categories: Mapping[str, str]) -> Offer:
    terms = [each.taxonomy_term for each in service.attributes if each.taxonomy_term is not None]
    words = [_line(word).lower() for term in terms for word in (term.code, term.name)]
    waits = _line(service.wait_time).lower()
    return Offer(
        id=service.id,
        name=_line(service.name),
        category=next((categories[word] for word in words if word in categories), OTHER),
        eligibility=_eligibility(service),
        languages=_once(each.code or each.name for each in service.languages),
        area=_once(each.name for each in service.service_areas),
        active=service.status == "active",
        capacity=waits if waits in CAPACITIES else None,
    )


def _eligibility(service: Service) -> str:
    low, high = _line(service.minimum_age), _line(service.maximum_age)
    ages = {
        (True, True): f"Ages {low} to {high}.",
        (True, False): f"From age {low}.",
        (False, True): f"Up to age {high}.",
    }.get((bool(low), bool(high)), "")
    told = str(service.eligibility_description or "").strip()
    return "\n".join(part for part in (told, ages) if part).replace("\x00", "")[:4000]


_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")
_LONGEST = 200


def _line(text: Text) -> str:
    """Spell a cell as one line of a length that we keep."""
    return _SPACE.sub(" ", str("" if text is None else text)).strip()[:_LONGEST].strip()


def _once(texts: Iterable[Text]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in map(_line, texts) if line))[:50]
