"""Which port a part gets."""

import socket

import pytest

from wiring.supervise.ports import LOOPBACK, PortTakenError, choose_port, free_port, is_free


def test_zero_is_any_free_port() -> None:
    assert is_free(choose_port(0, explicit=True, option="--port"))


def test_a_free_port_is_taken_as_wanted() -> None:
    wanted = free_port()
    assert choose_port(wanted, explicit=True, option="--port") == wanted


def test_a_default_that_is_taken_gives_way() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        assert choose_port(taken, explicit=False, option="--port") != taken


def test_a_port_that_was_asked_for_and_is_taken_is_an_error_naming_the_option() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        assert not is_free(taken)
        with pytest.raises(PortTakenError, match=f"{taken}.*--ui-port"):
            choose_port(taken, explicit=True, option="--ui-port")


def test_a_free_port_is_none_that_systems_give_to_outgoing_connections() -> None:
    lowest = 32_768  # of Linux; other systems begin at 49,152
    assert all(free_port() < lowest for _ in range(50))


def test_no_port_is_told_twice_before_anybody_can_listen_there() -> None:
    told = [free_port() for _ in range(900)]
    assert len(set(told)) == len(told)
