"""Which addresses are the public internet. `ipaddress.is_global` is not the test: it lets escapes by."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

DENIED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; clouds keep services there
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform
        "169.254.0.0/16",  # link-local; metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
ALLOWED_V6 = IPv6Network("2000::/3")
DENIED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocol assignments: some carry an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """Whether a literal address is one of the public internet; anything unreadable is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return _public_v4(parsed) if isinstance(parsed, IPv4Address) else _public_v6(parsed)


def literal(host: str) -> bool:
    """Whether a host is an address itself, no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def canonical(address: str) -> str:
    """One spelling of an address, so that two can be compared; a name in lower case, without its last dot."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address.lower().removesuffix(".")
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def _public_v4(address: IPv4Address) -> bool:
    return not any(address in network for network in DENIED_V4)


def _public_v6(address: IPv6Address) -> bool:
    return address in ALLOWED_V6 and not any(address in network for network in DENIED_V6)
