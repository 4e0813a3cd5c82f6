"""Records of a domain: from the name servers this machine asks, or from a file.

A file has a record a line, as a zone has: `name TXT "text" "more of it"` or `name MX 10 host`.
"""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

import dns.exception
import dns.rdatatype
import dns.resolver

from service import faults
from service.commands.mail_records import Asked, Records, wanted

_PATIENCE_S = 5.0
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
_LINE = re.compile(r"(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(TXT|MX)\s+(.+)", re.I)


class NoNameServer(faults.Fault):
    """No name server answers."""

    slug = "no-name-server"
    advice = "Give the records instead: --records FILE, lines as: example.org TXT v=spf1."


class UnreadableRecords(faults.Fault):
    """A line of the file is no record."""

    kind, slug = faults.Kind.INVALID, "unreadable-records"
    advice = 'Write a record a line: name TXT "text", or name MX 10 host.'


class NotADomain(faults.Fault):
    """That is no name of a domain."""

    slug = "not-a-domain"
    advice = "Write it as example.org, in ASCII (xn--... for other letters)."


def plain(name: str) -> str:
    """Spell a domain as it is compared: small letters, no dot at its end."""
    return name.strip().rstrip(".").lower()


def named(text: str) -> str:
    """Spell a domain or a part of one, or raise NotADomain."""
    name = plain(text)
    if not _NAME.fullmatch(name):
        raise NotADomain
    return name


def from_file(path: Path) -> Records:
    """Read records from a file; raises UnreadableRecords with the line's number."""
    found: dict[str, dict[str, list[str]]] = {"TXT": {}, "MX": {}}
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith((";", "#")):
            continue
        match = _LINE.fullmatch(line.strip())
        try:
            words = shlex.split(match[3]) if match else []
        except ValueError:
            words = []
        if match is None or not words:
            raise UnreadableRecords(f"Line {number}. {UnreadableRecords.advice}")
        kind = match[2].upper()
        value = "".join(words) if kind == "TXT" else plain(words[-1]) or "."
        found[kind].setdefault(plain(match[1]), []).append(value)
    return Records(txt=found["TXT"], mx=found["MX"])


def from_dns(asked: Asked, *, server: str = "") -> Records:
    """Ask for what is needed; raises NoNameServer where none answers."""
    try:
        resolver = dns.resolver.Resolver(configure=not server)
    except dns.resolver.NoResolverConfiguration as reason:
        raise NoNameServer from reason
    if server:
        host, _, port = server.rpartition(":")
        resolver.nameservers, resolver.port = [host or server], int(port) if host else 53
    texts, exchanges = wanted(asked)
    return Records(
        txt=_all(resolver, texts, "TXT"),
        mx=_all(resolver, exchanges, "MX"),
    )


def _all(resolver: dns.resolver.Resolver, names: Iterable[str], kind: str) -> dict[str, list[str]]:
    found = {}
    for name in names:
        try:
            answer = resolver.resolve(name, kind, lifetime=_PATIENCE_S, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            continue
        except dns.exception.DNSException as reason:
            raise NoNameServer from reason
        found[name] = [_text(each) for each in answer]
    return found


def _text(record: object) -> str:
    if getattr(record, "rdtype", None) == dns.rdatatype.TXT:
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "replace")
    return plain(str(getattr(record, "exchange", ""))) or "."
