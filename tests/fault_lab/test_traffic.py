"""What clients ask for."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from fault_lab.traffic import ENDPOINTS, MIX, Traffic


def test_each_endpoint_with_an_id_is_asked_for_under_many_paths() -> None:
    traffic = Traffic(random.Random(1))
    targets = [traffic.next_request().target for _ in range(4_000)]
    for prefix in ("/products/", "/cart/", "/orders/"):
        assert len({target for target in targets if target.startswith(prefix)}) > 10


def test_the_mix_follows_the_weights_and_can_be_moved() -> None:
    traffic = Traffic(random.Random(1))
    traffic.mix = dict.fromkeys(MIX, 0.0) | {"GET /search": 1.0, "POST /checkout": 3.0}
    counts = Counter(traffic.next_request().method for _ in range(2_000))
    assert counts["POST"] == pytest.approx(1_500, abs=120)


@pytest.mark.parametrize(("cut_off", "expected"), [(0.0, 1_000), (1.0, 0), (0.5, 500)])
def test_the_way_in_is_closed_to_the_share_that_is_cut_off(cut_off, expected) -> None:
    traffic = Traffic(random.Random(1), cut_off=cut_off)
    assert sum(traffic.gets_in() for _ in range(1_000)) == pytest.approx(expected, abs=80)


def test_client_addresses_are_those_reserved_for_documentation() -> None:
    traffic = Traffic(random.Random(1))
    networks = {traffic.next_request().headers["X-Forwarded-For"].rsplit(".", 1)[0] for _ in range(200)}
    assert networks == {"192.0.2", "198.51.100", "203.0.113"}


def test_endpoints_are_named_once() -> None:
    assert len(MIX) == len(ENDPOINTS)
