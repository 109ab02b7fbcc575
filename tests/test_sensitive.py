"""What is secret in a string is found and masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.sensitive import MASK, SECRETS, Secret, mask_secrets
from tests.laws import examples


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.name)
def test_every_kind_masks_its_own_sample(secret: Secret) -> None:
    assert secret.pattern.search(secret.sample)
    assert MASK in mask_secrets(secret.sample)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("/login?user=ann&access_token=abc123&next=/", "/login?user=***&access_token=***&next=/"),
        ("/cb?code=4%2F0Ab&state=xyz", "/cb?code=***&state=***"),
        (
            "/s3/x?X-Amz-Signature=9f8e&X-Amz-Credential=AK%2F1",
            "/s3/x?X-Amz-Signature=***&X-Amz-Credential=***",
        ),
        ("/a?password=p%20w;sid=1", "/a?password=***;sid=***"),
        ("postgresql://admin:hunter2@db:5432/shop", "postgresql://***:***@db:5432/shop"),
        ("/users/ann@example.com/orders", "/users/***/orders"),
        ("/users/ann%40example.com/orders", "/users/***/orders"),
        ("/users/ann.lee/orders", "/users/***/orders"),
        ("/api/accounts/ann.lee?page=2", "/api/accounts/***?page=2"),
        ("/~ann/photos", "/~***/photos"),
        ("?username=ann&uid=7", "?username=***&uid=***"),
        ("Cookie: theme=dark; sessionid=abc", "Cookie: theme=dark; sessionid=***"),
        ("Authorization: Bearer 6f1ed002ab5595859014", "Authorization: Bearer ***"),
        ('{"api_key": "k-1", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("/pay/4111-1111-1111-1111", "/pay/***"),
        ("SELECT 1 FROM u WHERE password='it\\'s 1' AND n=2", "SELECT 1 FROM u WHERE password=*** AND n=2"),
        ("UPDATE u SET token = 'abc' WHERE n = 2", "UPDATE u SET token = *** WHERE n = 2"),
        ('login --password="two words" --quiet', "login --password=*** --quiet"),
        ("WHERE password='cut off here", "WHERE password=***"),
        ("/x?token=*starred", "/x?token=***"),
        ("ann@example.com3 and ann@a.example%40b.example", "*** and ***"),
        ("/cb/eyJhbGciOiJSU0EtT0FFUCJ9.AAAAAAAA.BBBB.CCCC.DDDD/x", "/cb/***/x"),
        ("a header cut off: eyJhbGciOiJIUzI1NiJ9", "a header cut off: ***"),
        ("/signup?user[password]=abc&n=1", "/signup?user[password]=***&n=1"),
        ("/signup?user%5Bpassword%5D=abc&n=1", "/signup?user%5Bpassword%5D=***&n=1"),
        ("/a?token[]=abc", "/a?token[]=***"),
        ("/a?password1=abc&password_confirmation=abc", "/a?password1=***&password_confirmation=***"),
        ("/a?secret_key=k&client_secretKey=k", "/a?secret_key=***&client_secretKey=***"),
        ("/a?_csrf=k&SAMLResponse=PHN&ticket=ST-1&pin=1", "/a?_csrf=***&SAMLResponse=***&ticket=***&pin=***"),
        ("/a?next=%252Fx%253Ftoken%253Dabc&n=1", "/a?next=%252Fx%253Ftoken%253D***&n=1"),
        ("/a?q=%7B%22password%22%3A%22a%20b%22%7D", "/a?q=%7B%22password%22%3A%22***%22%7D"),
        ('{"otp": 123456, "n": 1}', '{"otp": "***", "n": 1}'),
        ('{"body": "{\\"password\\":\\"abc\\"}"}', '{"body": "{\\"password\\":\\"***\\"}"}'),
        ("{'password': 'abc', 'n': 1}", "{'password': '***', 'n': 1}"),
        ("Authorization: Token abc", "Authorization: Token ***"),
        ("X-Api-Key: k1, n", "X-Api-Key: ***, n"),
        ("/reset-password/4f1d0c2ab7e94c3f9a5e?n=1", "/reset-password/***?n=1"),
        ("https://hooks.slack.com/services/T0/B0/x?n=1", "https://hooks.slack.com/services/***?n=1"),
        ("to ann%2540example.com", "to ***"),
    ],
)
def test_the_secret_goes_and_its_name_stays(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "GET",
        "/tokens/{id}",
        "/users/{id}/orders",
        "/users/search",
        "/accounts/password_reset",
        "/users/export.csv",
        "/account/signin.action?next=/",
        "/user.service/Get",
        "/search?q=keyboard&page=2&sort=price",
        "/assets/app.4f3a2b1c9d8e7f60.js",
        "POST /api/v1/carts/{id}/items",
        "10.0.0.5:8080",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "/orders/20260131100000123",
        "select * from items where id = $1",
        "/v1/token:verify",
        "/sessions/{id}/items",
        "/password-reset/confirm",
        "/verify/email-address-of-customer",
        "invalid token: expired",
        '{"code": 500, "state": 3, "total_tokens": 12}',
        "it's user's 'name': 'ann'",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "a", "a.", "a@", "a@a.", "a%40", "eyJ", "-eyJaaaaaaaa", "eyJaaaaaaaa.", "token=", "token='",
        "token='\\'", "x-", "bearer ", "4111-", "/~", "/users/a.", "://a:", '"token":"', "-----BEGIN ",
        " ", "=", "token: ", "authorization: ", "/token/", "token1", "token[", "%5D", "%25", "%22", "'",
        "'token': '", "%22token%22%3A%22", "%22token%22", '\\"token\\": \\"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "@", " eyJ. @ ="])
def test_a_text_of_any_length_is_masked(piece: str, end: str) -> None:
    """Patterns that began anew at each of so many characters would never come back within this test."""
    secret = " token=s3cret-token-1"
    assert "s3cret" not in mask_secrets(piece * (200_000 // len(piece)) + end + secret)


@given(st.text(max_size=60))
@examples(100)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_secrets(f"/x?token={text}&a=1")
    assert mask_secrets(once) == once
