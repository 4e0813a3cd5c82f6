"""What a domain's records say of the mail it sends, in plain words, and what to publish.

SPF (RFC 7208) says which servers may send, DKIM (RFC 6376) signs what they send, and DMARC
(RFC 7489) says what to do with the rest. Without a list of public suffixes, two domains are taken
for one organization's where they share two labels. Nothing here asks a name server.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from service.commands.examination import Finding

_LOOKS_UP = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
_MECHANISMS = _LOOKS_UP | {"all", "ip4", "ip6", "exp"}
_MOST_LOOKUPS = 10
# Bytes of a public key as it is published: 1024 bits are 162, 2048 bits are 294.
_WEAK, _STRONG = 160, 290
_KEY_SIZES = {"ed25519": 32}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: the domain of the From line, the one mail comes back to, names of keys."""

    domain: str
    returns: str
    selectors: tuple[str, ...] = ()


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What is published, by name in small letters; a name that is absent publishes nothing."""

    txt: Mapping[str, Sequence[str]]
    mx: Mapping[str, Sequence[str]] = {}


def wanted(asked: Asked) -> tuple[list[str], list[str]]:
    """List the names whose TXT and whose MX records are needed."""
    keys = [f"{each}._domainkey.{asked.domain}" for each in asked.selectors]
    policies = [f"_dmarc.{each}" for each in _lineage(asked.domain)]
    return [*dict.fromkeys([asked.returns, asked.domain, *keys, *policies])], [asked.returns]


def judge(asked: Asked, records: Records) -> list[Finding]:
    """Judge the records of a domain that sends our mail."""
    return [
        *_spf(asked.returns, records),
        *_dkim(asked, records),
        *_dmarc(asked, records),
        *_ways_back(asked, records),
    ]


def _spf(domain: str, records: Records) -> Iterator[Finding]:
    found = [each for each in records.txt.get(domain, ()) if each.lower().split(" ")[0] == "v=spf1"]
    if not found:
        says = f"{domain} publishes none. Publish TXT {domain}"
        says += ' "v=spf1 include:NAME-YOUR-MAIL-PROVIDER-GIVES -all".'
        yield _bad("SPF", says)
        return
    if len(found) > 1:
        says = f"{domain} publishes {len(found)}; then none counts. Join them into one."
        yield _bad("SPF", says)
        return
    terms = found[0].lower().split()[1:]
    wrong = [*_spf_terms(domain, terms), *_spf_end(domain, terms)]
    yield from wrong or [Finding(what="SPF", says=f"{domain} says who may send.")]


def _spf_terms(domain: str, terms: Sequence[str]) -> Iterator[Finding]:
    names = [_mechanism(each) for each in terms]
    if not set(names) <= _MECHANISMS:
        yield _bad("SPF", f"{domain} has a word that is no mechanism; then none of it counts.")
    lookups = sum(name in _LOOKS_UP for name in names)
    if lookups > _MOST_LOOKUPS:
        says = f"{domain} asks {lookups} look-ups; over {_MOST_LOOKUPS} it counts as broken."
        yield _bad("SPF", f"{says} Name addresses (ip4:, ip6:) instead.")
    if "ptr" in names:
        yield _note("SPF", f"{domain} uses ptr, which nobody should; name addresses instead.")


def _spf_end(domain: str, terms: Sequence[str]) -> Iterator[Finding]:
    last = next((each for each in terms if _mechanism(each) == "all"), None)
    if last in ("all", "+all"):
        yield _bad("SPF", f"{domain} lets everybody send. End it with -all.")
    elif last == "?all":
        yield _note("SPF", f"{domain} says nothing of everybody else. End it with -all or ~all.")
    elif last is None and not any(_mechanism(each) == "redirect" for each in terms):
        yield _note("SPF", f"{domain} has no end. End it with -all or ~all.")


def _mechanism(term: str) -> str:
    name = term.lstrip("+-?~")
    for mark in (":", "=", "/"):
        name = name.partition(mark)[0]
    return name


def _dkim(asked: Asked, records: Records) -> Iterator[Finding]:
    if not asked.selectors:
        says = (
            "its records have names that only your mail server knows. Name them: --selector NAME."
        )
        yield _note("DKIM", says)
    for selector in asked.selectors:
        name = f"{selector}._domainkey.{asked.domain}"
        found = records.txt.get(name, ())
        if not found:
            says = f"{name} publishes nothing. Publish the TXT record your mail server shows there."
            yield _bad("DKIM", says)
        elif len(found) > 1:
            yield _bad("DKIM", f"{name} publishes {len(found)} records; leave one.")
        else:
            yield from _dkim_key(name, tags(found[0]))


def _dkim_key(name: str, said: dict[str, str]) -> Iterator[Finding]:
    kind = said.get("k", "rsa").lower()
    key = _key("".join(said.get("p", "").split()))
    if said.get("v", "DKIM1") != "DKIM1" or kind not in ("rsa", "ed25519"):
        yield _bad("DKIM", f"{name} is not a DKIM key. It begins with v=DKIM1 and has k=rsa.")
    elif not said.get("p"):
        yield _bad("DKIM", f"{name} is revoked: its p= is empty. Publish the key in use.")
    elif key is None or len(key) < _KEY_SIZES.get(kind, _WEAK):
        yield _bad("DKIM", f"{name} has a p= that is cut off or too short. Publish it whole.")
    elif kind == "rsa" and len(key) < _STRONG:
        yield _note("DKIM", f"{name} has fewer than 2048 bits. Make a longer key.")
    elif "y" in said.get("t", "").lower().split(":"):
        yield _note("DKIM", f"{name} says it is a test (t=y). Take that out.")
    else:
        yield Finding(what="DKIM", says=f"{name} has a key.")


def _key(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _dmarc(asked: Asked, records: Records) -> Iterator[Finding]:
    name, found = _policy(asked.domain, records)
    if not found:
        says = f"{asked.domain} publishes none. Publish TXT _dmarc.{asked.domain}"
        says += f' "v=DMARC1; p=none; rua=mailto:dmarc@{asked.domain}", read the reports,'
        yield _bad("DMARC", f"{says} then p=quarantine.")
        return
    if len(found) > 1:
        yield _bad("DMARC", f"{name} publishes {len(found)}; then none counts. Leave one.")
        return
    said = tags(found[0])
    wish = said.get("p" if name == f"_dmarc.{asked.domain}" else "sp", said.get("p", "")).lower()
    if wish not in ("none", "quarantine", "reject"):
        yield _bad("DMARC", f"{name} has no p= that means anything. Write p=none or p=quarantine.")
        return
    yield Finding(what="DMARC", says=f"{name} asks for {wish}.")
    if wish == "none":
        says = f"{name} only watches. Once the reports show your own mail passing: p=quarantine."
        yield _note("DMARC", says)
    if "rua" not in said:
        says = f"{name} asks for no reports. Add rua=mailto:dmarc@{asked.domain}."
        yield _note("DMARC", says)
    yield from _alignment(asked, strict=said.get("aspf", "r").lower() == "s")


def _alignment(asked: Asked, *, strict: bool) -> Iterator[Finding]:
    """Say whether SPF can count for DMARC: the domain that mail comes back to must be ours, too."""
    same = asked.returns == asked.domain
    near = same or bool(set(_lineage(asked.returns)) & set(_lineage(asked.domain)))
    if not near or (strict and not same):
        says = f"mail comes back to {asked.returns}, which does not count for {asked.domain}"
        yield _note("DMARC", f"{says}: DKIM alone must pass. Choose a bounce domain below it.")


def _policy(domain: str, records: Records) -> tuple[str, list[str]]:
    for each in _lineage(domain):
        name = f"_dmarc.{each}"
        texts = records.txt.get(name, ())
        found = [text for text in texts if text.replace(" ", "").lower().startswith("v=dmarc1")]
        if found:
            return name, found
    return f"_dmarc.{domain}", []


def _ways_back(asked: Asked, records: Records) -> Iterator[Finding]:
    found = records.mx.get(asked.returns, ())
    if not found:
        says = f"{asked.returns} has no MX: mail that comes back has no way."
        yield _note("bounces", f"{says} Point one at the machine of `loopkeeper work mailroom`.")
    elif "." in found:
        yield _bad("bounces", f"{asked.returns} says that it takes no mail (null MX).")
    else:
        yield Finding(what="bounces", says=f"{asked.returns} takes mail at {', '.join(found)}.")


def tags(text: str) -> dict[str, str]:
    """Read `name=value; ...`; of a name given twice the first counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _lineage(domain: str) -> list[str]:
    """List a domain and those above it that have two labels at least."""
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(max(1, len(labels) - 1))]


def _bad(what: str, says: str) -> Finding:
    return Finding(what=what, says=says, mark="bad")


def _note(what: str, says: str) -> Finding:
    return Finding(what=what, says=says, mark="note")
