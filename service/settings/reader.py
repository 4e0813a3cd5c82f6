"""Take settings out of an environment and remember everything that is wrong with them."""

import difflib
import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import phonenumbers

from service.settings import sms_urls
from service.settings.shapes import Secret, SettingsFault, Sms, Smtp, Tls, is_loopback

OWN = "LOOPKEEPER_"
# Read by the Makefile, the tests and the embedded servers, not by the service.
ELSEWHERE = ("LOOPKEEPER_REQUIRE_", "LOOPKEEPER_SERVERS", "LOOPKEEPER_DATA")

_DOMAIN = re.compile(r"(?=.{4,190}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return -1


def _is_mailbox(text: str) -> bool:
    local, at, domain = text.partition("@")
    return bool(local and at and "." in domain and text.isascii() and text.isprintable())


class Reader:
    """One pass over an environment; ``finish`` raises all that was found."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()
        self._faults: list[str] = []

    def finish(self) -> None:
        """Raise everything that was found, unknown names included."""
        known = self._known | {f"{name}_FILE" for name in self._known}
        for name in sorted(self._environ):
            if name.startswith(OWN) and name not in known and not name.startswith(ELSEWHERE):
                near = difflib.get_close_matches(name, sorted(known), 1)
                self._faults.append(
                    f"{name}: no such setting." + (f" Is {near[0]} meant?" if near else "")
                )
        if self._faults:
            raise SettingsFault(self._faults)

    def _fault(self, name: str, expected: str) -> None:
        self._faults.append(f"{name}: expected {expected}.")

    def _text(self, name: str) -> str:
        self._known.add(name)
        value, file = self._environ.get(name, ""), self._environ.get(f"{name}_FILE", "")
        if value and file:
            self._fault(name, f"either {name} or {name}_FILE, and both are given")
        if not file:
            return value.strip()
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self._fault(f"{name}_FILE", "the path of a readable text file")
            return ""

    def url(self, name: str, schemes: tuple[str, ...]) -> Secret:
        """Read a URL that must be there."""
        text = self._text(name)
        # A Unix socket has no host: its folder is the path, or the query's host.
        parts = urlsplit(text)
        if parts.scheme not in schemes or _port(parts) == -1:
            self._fault(name, f"a URL that begins with {schemes[0]}://")
        return Secret(text)

    def role_url(self, name: str) -> Secret | None:
        """Read the URL of one database role, if it is given."""
        self._known.add(name)
        if self._environ.get(name) or self._environ.get(f"{name}_FILE"):
            return self.url(name, ("postgresql", "postgres"))
        return None

    def secret(self, name: str) -> Secret | None:
        """Read a secret, if it is given; one of less than 16 letters is none."""
        text = self._text(name)
        if text and len(text) < 16:
            self._fault(name, "at least 16 letters that nobody guesses")
        return Secret(text) if text else None

    def path(self, name: str) -> Path:
        """Read the path of a file that must be named; whether it opens is for its user to say."""
        self._known.add(name)
        text = self._environ.get(name, "").strip()
        if not text:
            self._fault(name, "the path of the file with the root key, readable by its owner only")
        return Path(text)

    def folder(self, name: str) -> Path | None:
        """Read the path of a folder, if it is given."""
        text = self._text(name)
        return Path(text) if text else None

    def certificate(self, chain: str, key: str) -> tuple[Path, Path] | None:
        """Read the paths of a certificate's chain and its key, if they are given: both or none."""
        found = self.folder(chain), self.folder(key)
        if (found[0] is None) is not (found[1] is None):
            self._fault(chain if found[0] is None else key, "the path of a PEM file: give both")
        return (found[0], found[1]) if found[0] and found[1] else None

    def socket(self, name: str) -> str:
        """Read where a server listens, if it is given: unix:/path, or tcp://host:port."""
        text = self._text(name)
        parts = urlsplit(text)
        local = parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/")
        remote = parts.scheme == "tcp" and parts.hostname and _port(parts) not in (None, -1)
        if text and not (local or (remote and not parts.path)):
            self._fault(name, "unix:/path/of/clamd.ctl or tcp://host:3310")
        return text

    def flag(self, name: str) -> bool:
        """Read yes or no."""
        text = self._text(name).lower()
        if text not in ("", "1", "0", "yes", "no", "true", "false"):
            self._fault(name, "yes or no")
        return text in ("1", "yes", "true")

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """Read a whole number within limits."""
        text = self._text(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            self._fault(name, f"a whole number from {low} to {high}")
            return default
        return int(text)

    def address(self, name: str, default: str) -> str:
        """Read the IP address to listen on."""
        text = self._text(name) or default
        try:
            ip_address(text)
        except ValueError:
            self._fault(name, "an IP address to listen on, for example 127.0.0.1 or 0.0.0.0")
        return text

    def listener(self, name: str) -> str:
        """Read an IP address and port to listen on, if they are given: 0.0.0.0:2525."""
        text = self._text(name)
        parts = urlsplit(f"//{text}")
        try:
            good = bool(ip_address(parts.hostname or "")) and _port(parts) not in (None, -1, 0)
        except ValueError:
            good = False
        if text and not (good and parts.netloc == text and not parts.username):
            self._fault(name, "an IP address and a port to listen on, for example 0.0.0.0:2525")
        return text

    def domain(self, name: str) -> str:
        """Read the name of a mail domain, if it is given."""
        text = self._text(name).lower()
        if text and not _DOMAIN.fullmatch(text):
            self._fault(name, "the name of a mail domain, for example bounces.example.org")
        return text

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read one of a few words; the first is the default."""
        text = self._text(name).lower() or choices[0]
        if text not in choices:
            self._fault(name, f"one of {', '.join(choices)}")
        return text

    def region(self, name: str) -> str:
        """Read a country's two letters, of those whose telephone numbers are known."""
        text = self._text(name).upper() or "US"
        if text not in phonenumbers.SUPPORTED_REGIONS:
            self._fault(name, "a country's two letters, such as US or MX")
        return text

    def words(self, name: str) -> tuple[str, ...]:
        """Read words with commas between them."""
        return tuple(word for raw in self._text(name).split(",") if (word := raw.strip()))

    def networks(self, name: str) -> tuple[str, ...]:
        """Read IP networks with commas between them."""
        words = self.words(name)
        try:
            return tuple(str(ip_network(word)) for word in words)
        except ValueError:
            self._fault(name, "addresses or networks with commas between them, as 10.0.0.0/8")
            return ()

    def public_url(self, name: str, *, demo: bool) -> str:
        """Read the URL people use: https, or in demo mode http on this machine."""
        text = self._text(name) or ("http://127.0.0.1:8080" if demo else "")
        parts = urlsplit(text.rstrip("/"))
        bare = not (parts.path or parts.query or parts.fragment or parts.username)
        local = demo and parts.scheme == "http" and is_loopback(parts.hostname or "")
        allowed = parts.scheme == "https" or local
        if not (allowed and bare and parts.hostname and _port(parts) != -1):
            self._fault(name, "https:// and a host (http:// only in demo mode, on loopback)")
        return text.rstrip("/")

    def place(self, name: str) -> tuple[str, int] | None:
        """Read where to listen, if it is given: a port on this machine, or address:port."""
        text = self._text(name)
        if not text:
            return None
        host, _, port = text.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        try:
            ip_address(host)
            fits = port.isascii() and port.isdigit() and 0 < int(port[:9]) <= 65_500
        except ValueError:
            fits = False
        if not fits:
            self._fault(name, "a port up to 65500, or an IP address and a port, as 10.0.0.5:9464")
            return None
        return host, int(port)

    def mailboxes(self, name: str) -> tuple[str, ...]:
        """Read e-mail addresses with commas between them."""
        words = self.words(name)
        if not all(map(_is_mailbox, words)):
            self._fault(name, "e-mail addresses with commas between them")
        return words

    def hook(self, name: str) -> Secret | None:
        """Read the https URL that something is posted to; in the clear only on this machine."""
        text = self._text(name)
        parts = urlsplit(text)
        clear = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if text and not ((parts.scheme == "https" or clear) and parts.hostname):
            self._fault(name, "a URL that begins with https://")
        return Secret(text) if text else None

    def mail_address(self, name: str, *, demo: bool) -> str:
        """Read the address that letters come from."""
        text = self._text(name) or ("loopkeeper@demo.example" if demo else "")
        if not _is_mailbox(text):
            self._fault(name, "an e-mail address, for example referrals@example.org")
        return text

    def smtp(self, name: str, *, demo: bool) -> Smtp | None:
        """Read the mail server; in the clear only on this machine or in demo mode."""
        text = self._text(name)
        if not text and demo:
            return None
        parts = urlsplit(text)
        port, host = _port(parts), parts.hostname
        if parts.scheme not in ("smtp", "smtps") or not host or port == -1:
            self._fault(name, "smtp://user:password@host:587, or smtps://user:password@host:465")
            return None
        clear = parts.scheme == "smtp" and (demo or is_loopback(host))
        tls = Tls.IMPLICIT if parts.scheme == "smtps" else Tls.NONE if clear else Tls.STARTTLS
        return Smtp(
            host=host,
            port=port or {Tls.IMPLICIT: 465, Tls.STARTTLS: 587, Tls.NONE: 25}[tls],
            tls=tls,
            user=unquote(parts.username or ""),
            password=Secret(unquote(parts.password or "")),
        )

    def texts(self, *names: str) -> tuple[Sms, ...]:
        """Read the providers of texts that are given, the first of them first."""
        found: list[Sms] = []
        for name in names:
            text = self._text(name)
            read = sms_urls.read(text) if text else None
            if isinstance(read, str):
                self._fault(name, read)
            elif read is not None and any(each.name == read.name for each in found):
                self._fault(name, "a provider of another kind than the first")
            elif read is not None:
                found.append(read)
        return tuple(found)
