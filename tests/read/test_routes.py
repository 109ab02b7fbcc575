"""Paths become route templates."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.errors import ParameterError
from incident_kit.read.values.route_inference import infer_routes
from incident_kit.read.values.routes import route_finder
from tests.laws import examples


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/health", "/health"),
        ("/api/v1/users/42/orders/7", "/api/v1/users/{id}/orders/{id}"),
        ("/users/3fa85f64-5717-4562-b3fc-2c963f66afa6", "/users/{id}"),
        ("/blobs/9e107d9d372bb6826bd81d3542a419d6", "/blobs/{id}"),
        ("/commits/4bf92f35", "/commits/{id}"),
        ("/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/{id}"),
        ("/reports/2026-01-31", "/reports/{date}"),
        ("/reports/2026-01", "/reports/{date}"),
        ("/reports/20260131", "/reports/{date}"),
        ("/blog/2026/01/31/title", "/blog/{date}/title"),
        ("/static/app.3f9a27c1.js", "/static/app.{id}.js"),
        ("/items/42.json", "/items/{id}.json"),
        ("/orders/order-12345", "/orders/order-{id}"),
        ("/v2/items/7/", "/v2/items/{id}/"),
        ("/wp-login.php", "/wp-login.php"),
        ("/cafe/facade/effaced", "/cafe/facade/effaced"),
        ("/checkout/confirm", "/checkout/confirm"),
        ("/%D1%82%D0%BE%D0%B2%D0%B0%D1%80%D1%8B/42", "/товары/{id}"),
        ("/товары/42", "/товары/{id}"),
        ("/%e6%95%b0%E6%8D%AE/a%2Fb%20c", "/数据/a%2Fb%20c"),
        ("/no-utf-8/%ff%fe", "/no-utf-8/%ff%fe"),
        ("/turned/%E2%80%AEexe.fdp", "/turned/%E2%80%AEexe.fdp"),
        ("/unseen/%E2%80%8B", "/unseen/%E2%80%8B"),
        ("/control/%C2%9B", "/control/%C2%9B"),
    ],
)
def test_ids_hashes_and_dates_become_placeholders(path, route):
    assert infer_routes(pl.Series([path])).to_list() == [route]


def test_null_stays_null_and_order_is_kept():
    assert infer_routes(pl.Series(["/b/1", None, "/a/2", "/b/3"])).to_list() == [
        "/b/{id}",
        None,
        "/a/{id}",
        "/b/{id}",
    ]


@examples(50)
@given(st.lists(st.text(alphabet="/ab1-._0f", max_size=20), min_size=1, max_size=20))
def test_a_route_depends_on_its_path_alone(paths):
    together = infer_routes(pl.Series(paths)).to_list()
    assert together == [infer_routes(pl.Series([path]))[0] for path in paths]


@examples(50)
@given(st.text(alphabet="/ab1-._0f", max_size=20))
def test_a_template_is_its_own_template(path):
    once = infer_routes(pl.Series([path]))
    assert infer_routes(once).to_list() == once.to_list()


def test_templates_of_ones_own_win_and_are_no_guess():
    find = route_finder(["/users/me", "/users/{id}", "GET /files/{path...}", "/teams/:team/<int:member>"])
    found = find(pl.Series(["/users/me", "/users/42", "/files/a/b", "/teams/red/7", "/other/7", None]))
    assert found["route"].to_list() == [
        "/users/me", "/users/{id}", "/files/{path...}", "/teams/:team/<int:member>", "/other/{id}", None,
    ]  # fmt: skip
    assert found["route_inferred"].to_list() == [False, False, False, False, True, None]


def test_an_openapi_document_gives_templates(tmp_path):
    document = {"servers": [{"url": "https://api.example.com/v1"}], "paths": {"/pets/{name}": {"get": {}}}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document))
    for routes in (document, path):
        assert route_finder(routes)(pl.Series(["/v1/pets/rex"]))["route"].to_list() == ["/v1/pets/{name}"]


@pytest.mark.parametrize("routes", [["users"], {"openapi": "3.1"}, [], "absent.yaml"])
def test_templates_that_are_none_are_refused(routes):
    with pytest.raises(ParameterError):
        route_finder(routes)
