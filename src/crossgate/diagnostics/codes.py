"""The one table of diagnostic codes. A code is never reused; its page says the rest.

Families: CFG1xx text that does not parse · CFG2xx the file's model · CFG3xx what one value means for another ·
CFG4xx what crossgate does not run · COR1xx ill-typed CORS values · COR2xx unsafe CORS policies · COR3xx CORS values
that can never match or help · COR4xx CORS and the rest of the file.
"""

CODES: dict[str, str] = {
    "COR201": "Any origin together with credentials",
    "COR202": "Origin pattern that matches every site",
    "COR203": "Origin pattern whose wildcard ends inside a host's label",
    "COR204": "Origin pattern that leaves the end of the host open",
    "COR205": "Origin pattern with a wildcard in its port",
    "COR206": "Origin pattern that spans a public suffix",
    "COR207": "The origin `null` is allowed",
    "COR208": "Plain-http origin together with credentials",
    "COR209": "Origin pattern that allows every subdomain",
    "COR210": "Origin pattern that leaves the scheme open",
    "COR211": "An empty list of origins allows every origin",
    "COR301": "Trailing slash in an origin",
    "COR302": "Path, query or fragment in an origin",
    "COR303": "User name or password in an origin",
    "COR304": "Default port in an origin",
    "COR305": "Origin without a scheme",
    "COR306": "Upper-case letters in an origin",
    "COR307": "Blank in an origin",
    "COR308": "Unicode host in an origin",
    "COR309": "Second wildcard in an origin",
    "COR310": "Entry written twice",
    "COR311": "Entry that another one covers",
    "COR312": "Several origins in one entry",
    "COR313": "Origin that no browser sends",
    "COR321": "Method in lower case",
    "COR322": "Wildcard as a method",
    "COR323": "Forbidden method",
    "COR324": "Text that is no method",
    "COR331": "Text that is no header name",
    "COR332": "Request header that no script may set",
    "COR333": "`Authorization` together with a wildcard",
    "COR334": "Wildcard in `expose_headers`",
    "COR335": "Response header that no script may read",
    "COR341": "`max_age` beyond what Chromium keeps",
    "COR342": "`max_age` beyond what any browser keeps",
    "COR343": "`max_age` of less than a second",
    "COR344": "Negative `max_age`",
    "COR351": "Private network access is allowed",
    "COR352": "CORS debugging left on",
    "COR353": "Preflights are answered with a status that is no ok status",
}
