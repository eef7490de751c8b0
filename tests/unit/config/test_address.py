"""The address under which the network reaches this machine."""

import socket
from ipaddress import ip_address

import pytest

from config import address


def test_it_is_an_address_that_this_machine_can_listen_on() -> None:
    found = address.lan_address()
    with socket.create_server((found, 0)):
        assert ip_address(found).version == 4


def test_without_a_way_out_it_is_that_of_an_interface_or_the_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(address, "NOWHERE", "255.255.255.255")  # broadcast: refused without a special option
    with socket.create_server((address.lan_address(), 0)):
        pass


def test_an_ipv6_address_stands_in_brackets_in_a_url() -> None:
    assert (address.in_url("fe80::1"), address.in_url("10.0.0.1")) == ("[fe80::1]", "10.0.0.1")
