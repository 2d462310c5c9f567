"""The one table of diagnostic codes. A code is never reused; its page says the rest.

Families: CFG1xx text that does not parse · CFG2xx the file's model · CFG3xx what one value means for another ·
CFG4xx what crossgate does not run · COR1xx ill-typed CORS values · COR2xx unsafe CORS policies · COR3xx CORS values
that can never match or help · COR4xx CORS and the rest of the file.
"""

CODES: dict[str, str] = {}
