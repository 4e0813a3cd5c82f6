"""Which addresses may be called at somebody else's wish: the public ones, and nothing of ours.

Source: RFC 6890 and the IANA special-purpose registries; OWASP on server-side request forgery.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
# Spelled out beside what `ipaddress` knows, which has changed from one Python to the next.
_REFUSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)


def may_call(text: str, *, loopback: bool = False) -> bool:
    """Say whether an address, as a resolver gives it, is a public one.

    One that leads on to another (mapped, NAT64, 6to4) is what it leads to. `loopback` lets this
    machine's own through, for a demonstration.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    while (inner := _inside(address)) is not None:
        address = inner
    if loopback and address.is_loopback:
        return True
    listed = any(address in net for net in _REFUSED if net.version == address.version)
    return address.is_global and not listed


def _inside(address: Address) -> Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return None
