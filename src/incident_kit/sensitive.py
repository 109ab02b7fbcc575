"""Find and mask secrets in a string: a token, a key, a password, a person's name.

For example, `/login?user=ann&access_token=abc123&next=/` becomes `/login?user=***&access_token=***&next=/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "***"


@dataclass(frozen=True)
class Secret:
    """One kind of secret: its name, the pattern that finds it, its replacement, and a sample.

    A text without any of the `required_substrings` cannot hold a secret of this kind. That check comes first
    because it is quick.
    """

    name: str
    pattern: re.Pattern[str]
    replacement: str
    sample: str
    required_substrings: tuple[str, ...] = ("",)


# Names that always mean a secret, whatever stands before them. A form may ask twice ("password_again").
_SURE = (
    r"[\w.\-]*(?:token|secret|passw(?:or)?d|passwd|passphrase|pwd|(?:api|access|private|secret)[_\-]?key|signature"
    r"|session(?:[_\-]?id)?|sid|auth(?:orization)?|credentials?|otp|jwt|bearer|[cx]srf|saml(?:request|response)"
    r"|assertion|verifier|nonce|e?mail|phone|ssn|card[_\-]?number|cvv|iban|cookie)"
    r"(?:[_\-]?(?:confirm(?:ation)?|again|new|old|id|\d{1,3}))?|[xX]-[Aa]mz-[\w\-]+"
)
_OF_NUMBERS = rf"{_SURE}|pin"
_NAMES = rf"{_SURE}|user(?:[_\-]?name)?|login|uid|sig|code|key|pass|pin|ticket|state"

# A quoted value in SQL or a shell. A value without a closing quote was cut off.
_QUOTED = r"'(?:[^'\\]|\\.)*+(?:'|\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\Z)"

# A path segment with one of these endings is a file or a handler, not a person's name.
_FILES = r"json|xml|csv|txt|pdf|x?html?|css|js|svg|png|jpe?g|gif|webp|ico|zip|gz|do|action|jsp|php|aspx?|cgi"

# The order matters: a whole key block before its contents, named values before values recognised by their
# shape.
SECRETS = (
    Secret(
        "private-key",
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        MASK,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
        ("PRIVATE KEY",),
    ),
    Secret(
        "url-password",
        re.compile(r"(?<=://)([^/\s:@?#]*):([^/\s@?#]+)(?=@)"),
        f"{MASK}:{MASK}",
        "postgresql://admin:hunter2@db:5432/shop",
        ("://",),
    ),
    Secret(
        "authorization",
        re.compile(r"(?i)\b(bearer|basic|digest|negotiate)(\s+|%20|\+)[\w.~+/=\-%]{8,}"),
        rf"\1\2{MASK}",
        "Authorization: Bearer 6f1ed002ab5595859014ebf0951522d9",
        (" ", "%20", "+"),
    ),
    Secret(
        "authorization-header",
        re.compile(r"(?i)(?<![\w\-])((?:proxy-)?authorization:\s+(?:[a-z][\w\-]*\s+)?)[^\s\"'<>]+"),
        rf"\1{MASK}",
        "Authorization: Token 9944b09199c62bcf9418",
        (":",),
    ),
    Secret(
        "named-in-json",
        re.compile(rf'(?i)("(?:{_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"'),
        rf'\1"{MASK}"',
        '{"password": "hunter2"}',
        ('"',),
    ),
    Secret(
        "number-in-json",
        re.compile(rf'(?i)("(?:{_OF_NUMBERS})"\s*:\s*)-?\d[\d.eE+\-]*'),
        rf'\1"{MASK}"',
        '{"otp": 123456}',
        ('"',),
    ),
    Secret(
        "named-in-escaped-json",
        re.compile(
            rf"""(?i)((?:\\+\"|'|%(?:25)*22)(?:{_NAMES})(?:\\+\"|'|%(?:25)*22)(?:\s|%(?:25)*20|\+)*"""
            rf"""(?::|%(?:25)*3A)(?:\s|%(?:25)*20|\+)*(?:\\+\"|'|%(?:25)*22))[^\"'\\%&]*(?:%(?!(?:25)*22)[^\"'\\%&]*)*"""
        ),
        rf"\1{MASK}",
        r'{"body": "{\"password\":\"hunter2\"}"}',
        ("\\", "'", "22"),
    ),
    Secret(
        "named-in-text",
        re.compile(rf"(?i)(?<![\w.\-])({_SURE})(:\s+)(?=[^\s\"'<>,;&\d]*\d)[^\s\"'<>,;&]+"),
        rf"\1\2{MASK}",
        "X-Api-Key: k9a8b7",
        (":",),
    ),
    Secret(
        "named-parameter",
        re.compile(
            rf"(?i)(?<![\w.\-])((?:{_NAMES})(?:\[?\]|(?:%(?:25)*5B)?%(?:25)*5D)?)"
            rf"(=|%(?:25)*3D|\s?=\s?(?=['\"]))(?:{_QUOTED}|[^&\s;#\"'<>]+)"
        ),
        rf"\1\2{MASK}",
        "/login?user=ann&access_token=abc123&next=/",
        ("=", "3D", "3d"),
    ),
    Secret(
        "json-web-token",
        re.compile(r"\beyJ[\w\-]{8,}+(?:\.[\w\-]*+){0,4}"),
        MASK,
        "/cb/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        ("eyJ",),
    ),
    Secret(
        "aws-key-id",
        re.compile(r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[0-9A-Z]{16}\b"),
        MASK,
        "/x/AKIAIOSFODNN7EXAMPLE",
    ),
    Secret(
        "vendor-token",
        re.compile(
            r"\b(?:gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,}|glpat-[0-9A-Za-z_\-]{16,}|xox[abprs]-[0-9A-Za-z\-]{8,}"
            r"|[sr]k_(?:live|test)_[0-9A-Za-z]{10,}|AIza[0-9A-Za-z_\-]{30,}|ya29\.[0-9A-Za-z_\-]{10,}|npm_[0-9A-Za-z]{30,}"
            r"|hf_[0-9A-Za-z]{30,}|sk-(?:ant-api\d\d-|proj-)?[0-9A-Za-z_]{20,}|SG\.[0-9A-Za-z_\-]{16,}\.[0-9A-Za-z_\-]{16,})"
        ),
        MASK,
        "/hook/ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ),
    Secret(
        "webhook",
        re.compile(
            r"(?i)\b((?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks|api\.telegram\.org)/)[^\s?#\"']+"
        ),
        rf"\1{MASK}",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        ("hooks", "api"),
    ),
    Secret(
        "secret-in-path",
        re.compile(
            r"(?i)(?<=/)([\w\-]*(?:token|reset|password|verify|confirm|activate|invite|invitation|unsubscribe|magic|session)s?/)"
            r"(?=[a-z_\-]*\d)[0-9a-z_\-]{16,}"
        ),
        rf"\1{MASK}",
        "/reset-password/4f1d0c2ab7e94c3f9a5e",
        ("/",),
    ),
    Secret(
        "e-mail",
        # Match whole words only. Trying every letter of a long word as a beginning would take hours.
        re.compile(
            r"(?<![\w.+\-])[\w.+\-]++"
            r"(?:(?:@|%(?:25)*40)[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z]{2,}(?:[\w.+\-]*[\w+\-])?)+"
        ),
        MASK,
        "/users/ann.lee+shop@example.com/orders",
        ("@", "40"),
    ),
    Secret(
        "user-in-path",
        re.compile(
            r"(?i)(?<=/)((?:users?|members?|customers?|people|profiles?|accounts?|u)/)"
            rf"(?![\w.\-]*\.(?:{_FILES})(?:[/?#\s]|$))[a-z]{{2,}}(?:\.[a-z0-9\-]+)+"
        ),
        rf"\1{MASK}",
        "/users/ann.lee/orders",
        (".",),
    ),
    Secret(
        "home-in-path",
        re.compile(r"(?<=/)~[\w.\-]+"),
        f"~{MASK}",
        "/~ann/photos",
        ("~",),
    ),
    Secret(
        "card-number",
        re.compile(
            r"(?<![\w.\-])(?:4\d{3}|5[1-5]\d{2}|3[47]\d{2}|6011)(?:[ \-]?\d{4}){2}[ \-]?\d{3,4}(?![\w.\-])"
        ),
        MASK,
        "/pay/4111111111111111",
    ),
)


_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_NAME_OF_SECRET_NUMBER = re.compile(_OF_NUMBERS, re.IGNORECASE)


def names_a_secret(name: str, *, number: bool = False) -> bool:
    """Return whether every text under this name (of a parameter, an attribute) is secret.

    With `number`, return whether a number under it is. Names such as `code` and `state` hold harmless numbers
    more often than secrets.
    """
    return (_NAME_OF_SECRET_NUMBER if number else _SECRET_NAME).fullmatch(name) is not None


def mask_secrets(text: str) -> str:
    """Return `text` with every secret replaced by `***`.

    The names of secrets stay, because they explain the text.
    """
    for secret in SECRETS:
        if any(piece in text for piece in secret.required_substrings):
            text = secret.pattern.sub(secret.replacement, text)
    return text
