"""What Chromium's console says about blocked calls, as the names of CorsError. Knows the console's sentences only.

Source: Chromium, third_party/blink/renderer/platform/loader/cors/cors_error_string.cc.
"""

import re

_BLOCKED = re.compile(
    r"Access to \w+ at '[^']*/x/(?P<token>[^/']+)/[^']*' (?:\(redirected from '(?P<first>[^']*)'\) )?"
    r"from origin '[^']*' has been blocked by CORS policy: (?P<text>.*?)\", source:",
    re.DOTALL,
)
_PREFLIGHT = "Response to preflight request doesn't pass access control check: "
_SENTENCES = (
    ("No 'Access-Control-Allow-Origin' header", "MissingAllowOriginHeader"),
    (
        "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard",
        "WildcardOriginNotAllowed",
    ),
    ("The 'Access-Control-Allow-Origin' header contains multiple values", "MultipleAllowOriginValues"),
    ("The 'Access-Control-Allow-Origin' header contains the invalid value", "InvalidAllowOriginValue"),
    ("The 'Access-Control-Allow-Origin' header has a value", "AllowOriginMismatch"),
    ("The value of the 'Access-Control-Allow-Credentials' header", "InvalidAllowCredentials"),
    ("It does not have HTTP ok status", "InvalidStatus"),
    ("Redirect is not allowed for a preflight request", "DisallowedRedirect"),
    ("Cannot parse Access-Control-Allow-Methods", "InvalidAllowMethodsPreflightResponse"),
    ("Cannot parse Access-Control-Allow-Headers", "InvalidAllowHeadersPreflightResponse"),
    ("Method ", "MethodDisallowedByPreflightResponse"),
    ("Request header field ", "HeaderDisallowedByPreflightResponse"),
    ("Redirect location ", "RedirectContainsCredentials"),
    ("Cross origin requests are only supported for protocol schemes", "CorsDisabledScheme"),
)


def blocked_calls(log: str) -> dict[str, str]:
    """The name of the reason for each experiment's token; a sentence that is not known stands for itself."""
    return {found["token"]: _name(found["text"]) for found in _BLOCKED.finditer(log)}


def _name(text: str) -> str:
    prefix = "Preflight" if text.startswith(_PREFLIGHT) else ""
    text = text.removeprefix(_PREFLIGHT)
    return next((prefix + name for sentence, name in _SENTENCES if text.startswith(sentence)), text)
