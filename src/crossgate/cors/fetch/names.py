"""What the two browsers call a blocked request: Chromium's CorsError values and Firefox's console categories.

Chromium: services/network/public/mojom/cors.mojom, shown in DevTools without the leading `k`. Firefox:
netwerk/protocol/http/nsCORSListenerProxy.cpp, linked from its console to MDN, here without the version digits.
"""

CHROMIUM_ERRORS: dict[str, str] = {
    "DisallowedByMode": "the request's mode is same-origin and its URL is not",
    "InvalidResponse": "no usable answer came: a network error",
    "WildcardOriginNotAllowed": "the answer allows `*`, and the request includes credentials",
    "MissingAllowOriginHeader": "the answer has no Access-Control-Allow-Origin",
    "MultipleAllowOriginValues": "the answer's Access-Control-Allow-Origin has several values",
    "InvalidAllowOriginValue": "the answer's Access-Control-Allow-Origin is not an origin",
    "AllowOriginMismatch": "the answer allows another origin",
    "InvalidAllowCredentials": "credentials are included and Access-Control-Allow-Credentials is not `true`",
    "CorsDisabledScheme": "the URL's scheme is not http or https",
    "PreflightInvalidStatus": "the preflight's status is not 200 to 299",
    "PreflightDisallowedRedirect": "the preflight is answered with a redirect",
    "PreflightWildcardOriginNotAllowed": "the preflight's answer allows `*`, and the request includes credentials",
    "PreflightMissingAllowOriginHeader": "the preflight's answer has no Access-Control-Allow-Origin",
    "PreflightMultipleAllowOriginValues": "the preflight's Access-Control-Allow-Origin has several values",
    "PreflightInvalidAllowOriginValue": "the preflight's Access-Control-Allow-Origin is not an origin",
    "PreflightAllowOriginMismatch": "the preflight's answer allows another origin",
    "PreflightInvalidAllowCredentials": "credentials are to be included and the preflight's answer does not say `true`",
    "InvalidAllowMethodsPreflightResponse": "the preflight's Access-Control-Allow-Methods does not parse",
    "InvalidAllowHeadersPreflightResponse": "the preflight's Access-Control-Allow-Headers does not parse",
    "MethodDisallowedByPreflightResponse": "the preflight's answer does not list the method",
    "HeaderDisallowedByPreflightResponse": "the preflight's answer does not list a header",
    "RedirectContainsCredentials": "a redirect leads to a URL with a user name or password",
    "InsecureLocalNetwork": "a page that is no secure context calls into a local network",
    "InvalidLocalNetworkAccess": "the address space that the request named is not the one it reached",
    "LocalNetworkAccessPermissionDenied": "the user has not let the page call into the local network",
}
"""All 25 values of CorsError, and what each says."""

FIREFOX_ERRORS: dict[str, str] = {
    "DisallowedByMode": "",  # a plain NetworkError, nothing in the console that says CORS
    "InvalidResponse": "CORSDidNotSucceed",
    "WildcardOriginNotAllowed": "CORSNotSupportingCredentials",
    "MissingAllowOriginHeader": "CORSMissingAllowOrigin",
    "MultipleAllowOriginValues": "CORSMultipleAllowOriginNotAllowed",
    "InvalidAllowOriginValue": "CORSAllowOriginNotMatchingOrigin",
    "AllowOriginMismatch": "CORSAllowOriginNotMatchingOrigin",
    "InvalidAllowCredentials": "CORSMissingAllowCredentials",
    "CorsDisabledScheme": "CORSRequestNotHttp",
    "PreflightInvalidStatus": "CORSPreflightDidNotSucceed",
    "PreflightDisallowedRedirect": "CORSExternalRedirectNotAllowed",
    "PreflightWildcardOriginNotAllowed": "CORSNotSupportingCredentials",
    "PreflightMissingAllowOriginHeader": "CORSMissingAllowOrigin",
    "PreflightMultipleAllowOriginValues": "CORSMultipleAllowOriginNotAllowed",
    "PreflightInvalidAllowOriginValue": "CORSAllowOriginNotMatchingOrigin",
    "PreflightAllowOriginMismatch": "CORSAllowOriginNotMatchingOrigin",
    "PreflightInvalidAllowCredentials": "CORSMissingAllowCredentials",
    "InvalidAllowMethodsPreflightResponse": "CORSInvalidAllowMethod",
    "InvalidAllowHeadersPreflightResponse": "CORSInvalidAllowHeader",
    "MethodDisallowedByPreflightResponse": "CORSMethodNotFound",
    "HeaderDisallowedByPreflightResponse": "CORSMissingAllowHeaderFromPreflight",
    "RedirectContainsCredentials": "",
    "InsecureLocalNetwork": "",
    "InvalidLocalNetworkAccess": "",
    "LocalNetworkAccessPermissionDenied": "",
}
"""What Firefox's console says where Chromium says the key; empty where it says nothing about CORS."""

PREFLIGHT_ERRORS: dict[str, str] = {
    name.removeprefix("Preflight"): name for name in CHROMIUM_ERRORS if name.startswith("Preflight")
}
"""The CORS check's errors as they are called when the response is a preflight's."""
