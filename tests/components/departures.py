"""The recorded scenarios that crossgate answers otherwise than KrakenD, each with the code of its deviation."""

_BY_CODE = {
    "DEV-BOT-1": """
        bot-endpoint-cache-negative bot-service-bad-regex bot-endpoint-bad-regex bot-endpoint-backreference
        bot-service-lookahead bot-endpoint-lookahead bot-service-types bot-service-types-number
        bot-endpoint-types-number bot-service-list
    """,
    "DEV-GATE-1": """
        bot-service-routes http-hosts-routes http-ssl-redirect-host http-sts-force http-frame-deny http-csp
        http-everything
    """,
    "DEV-CONF-5": """
        gq-74
        jwt-backend-level http-endpoint-level oauth2-endpoint-level revoker-endpoint-level rlr-33 rlr-34 rlr-36
        schema-backend-level
    """,
    "DEV-HTTPSEC-1": "http-hosts-string http-hosts-only-numbers http-hosts-regex-string",
    "DEV-HTTPSEC-2": "http-hosts-regex-alternation",
    "DEV-OAUTH-2": "oauth2-endpoint-302 oauth2-endpoint-302-msg",
    "DEV-GQL-1": "gq-21 gq-22 gq-23",
    "DEV-GQL-2": "gq-07 gq-19 gq-36 gq-70 gq-72",
    "DEV-GQL-3": "gq-46",
    "DEV-LUA-1": """
        lua-be-syntax lua-be-syntax-eof lua-ep-err-40 lua-ep-err-41 lua-ep-not-object lua-ep-pre-not-string
        lua-lang-intdiv lua-lang-open-type lua-lang-skip-type lua-md5-be-live lua-md5-be-other lua-md5-be-type
        lua-md5-px-live lua-md5-px-other lua-md5-px-type lua-md5-px-upper lua-px-syntax-eof lua-src-be-badtype
        lua-src-be-missing lua-src-be-syntax lua-src-px-badtype lua-src-px-missing
    """,
    "DEV-LUA-10": "cel-resp-lua-num",
    "DEV-LUA-2": "lua-ep-busy lua-px-busy-post lua-http-timeout lua-http-timeout-be",
    "DEV-LUA-3": """
        lua-be-noop-status-99 lua-ep-err-08 lua-ep-err-11 lua-error-1000 lua-px-noop-status-1000
    """,
    "DEV-LUA-4": "lua-data-set-inf",
    "DEV-LUA-5": "lua-merge-px-partial",
    "DEV-LUA-6": """
        lua-be-noop-data-dup lua-be-noop-shorter lua-px-noop lua-px-noop-data lua-px-noop-data-dup lua-px-noop-shorter
        lua-ep-body-get lua-ep-body-set-cl lua-px-header-newline lua-sv-custom
    """,
    "DEV-LUA-7": "lua-data-alias-list-back lua-data-append-5",
    "DEV-LUA-8": "lua-data-tostring lua-lang-goto lua-lang-math-on",
    "DEV-LUA-9": "lua-lang-dofile lua-lang-loadfile-missing lua-lang-require",
    "DEV-REVOKE-1": """
        revoker-n-negative revoker-n-float revoker-n-string revoker-port-string revoker-keys-string revoker-list
        revoker-string
    """,
    "DEV-REVOKE-2": "revoker-p-one",
    "DEV-SIGN-1": "signer-url-fails",
    "DEV-JWT-1": "jwt-service-level-full",
    "DEV-JWT-2": "jwt-scopes-no-key",
    "DEV-JWT-3": """
        jwt-jwks-500-with-keys-cache jwt-jwks-404-with-keys jwt-jwks-404-with-keys-cache jwt-nocache-rotation
        jwt-cooldown-absent-nocache jwt-cooldown-1s-nocache jwt-cooldown-500ms-nocache jwt-cooldown-nonsense-nocache
        jwt-cooldown-negative-nocache jwt-shared-cache-on jwt-shared-cache-default jwt-local-and-url-panic-then-works
    """,
    "DEV-JWT-4": "jwt-pattern-names jwt-pattern-several-backends jwt-propagate-payload-null",
    "DEV-JWT-5": "jwt-whitespace jwt-crit",
    "DEV-JWT-6": "jwt-nbf jwt-iat",
    "DEV-JWT-7": """
        jwt-roles-one jwt-roles-two jwt-roles-empty-string jwt-roles-with-blank jwt-scopes-any jwt-scopes-all
        jwt-scopes-ALL jwt-scopes-nonsense jwt-roles-panic-then-works
    """,
    "DEV-JWT-8": "jwt-hs-secret-url-base64-padded jwt-jwks-large",
    "DEV-PARAM-1": "jwt-pattern-json jwt-pattern-no-op jwt-pattern-sequential ro-62 ro-64 ro-102 martian-static-path",
    "DEV-RATE-3": "signer-ratelimit",
    "DEV-CEL-1": """
        cel-body-none cel-cfg-object cel-const-false cel-jwt-be cel-jwt-in-text cel-jwt-syntax-req cel-now-alone
        cel-probe-overflow cel-probe-reserved cel-syntax-other cel-syntax-post cel-undeclared cel-undeclared-fn
    """,
    "DEV-CEL-3": "cel-merge-partial-post",
    "DEV-SCHEMA-1": """
        schema-bad-dupreq schema-bad-enumobj schema-bad-items schema-bad-lookahead schema-bad-min schema-bad-neg
        schema-bad-props schema-bad-ref schema-bad-refremote schema-bad-schemauri schema-kw-boolschema-d4
        schema-kw-excl-bool schema-kw-excl-bool-d7 schema-kw-excl-num-d4
    """,
    "DEV-MARTIAN-1": """
        martian-bad-member-list martian-bad-member-null martian-bad-text martian-bad-two martian-bad-unknown
        martian-body-badbase64 martian-body-urlbase64 martian-ck-badexpires martian-fifo-two martian-hf-else-bad
        martian-hf-else-null martian-hf-nomod martian-hm-numvalue martian-hm-scope-text martian-hrf-bad martian-id-resp
        martian-known-api.Forwarder martian-known-failure.Verifier martian-known-header.Blacklist2
        martian-known-hopbyhop.Modifier martian-known-log.Logger martian-known-method.Filter
        martian-known-method.Verifier martian-known-pingback.Verifier martian-known-port.Verifier
        martian-known-querystring.Verifier martian-known-skip.RoundTrip martian-known-url.RegexVerifier
        martian-port-text martian-port-two martian-prio-float martian-prio-nomod martian-qs-resp martian-stash-resp
        martian-urf-bad martian-url-resp
    """,
    "DEV-MARTIAN-2": """
        martian-body-empty martian-body-resp-noop martian-body-resp-noop-cl martian-body-resp-range
        martian-body-resp-range-bad martian-hm-req-cl-wrong
    """,
    "DEV-SCHEMA-3": "schema-basic-msg",
    "DEV-FWD-4": "lua-be-noop-skip lua-px-noop-skip lua-px-noop-skip-status cel-resp-noop-completed martian-black-resp"
    " martian-stash-use",
    "DEV-CACHE-1": "hc-06 hc-43 hc-46",
    "DEV-CACHE-3": "hc-88",
    "DEV-CACHE-6": "hc-49",
    "DEV-FWD-6": "hc-50",
    "DEV-RATE-1": "rlr-08 rlr-35 rlr-44 rlr-66 rlr-81",
    "DEV-ROUTE-1": "ro-54 ro-58 routes-005 routes-015 routes-133 routes-144 routes-180 routes-200",
    "DEV-CONF-4": "ro-46",
    "DEV-TMPL-4": "fcrun-05 fcrun-06",
}
DEPARTURES = {name: code for code, names in _BY_CODE.items() for name in names.split()}

NOT_YET: dict[str, str] = {}
"""Scenarios that need something that is not run yet. They are to be moved when it is."""
