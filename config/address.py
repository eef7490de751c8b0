"""Under which address other machines in the same network reach this one."""

import fcntl
import socket
import sys
from contextlib import suppress
from ipaddress import ip_address

NOWHERE = "192.0.2.1"  # RFC 5737: for documentation, so nobody answers there; connecting UDP sends nothing
SIOCGIFADDR = 0x8915


def lan_address() -> str:
    """The IPv4 address of the way out, else (no gateway) of the first interface, else 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return next(iter(_interfaces(probe)), "127.0.0.1")


def _interfaces(probe: socket.socket) -> list[str]:
    """The IPv4 addresses of this machine beside the loopback; none where the system has no such question."""
    found: list[str] = []
    if sys.platform == "linux":
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an IPv4 address
                answer = fcntl.ioctl(probe.fileno(), SIOCGIFADDR, name.encode().ljust(40, b"\0"))
                found.append(socket.inet_ntoa(answer[20:24]))
    return [address for address in found if not ip_address(address).is_loopback]


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
