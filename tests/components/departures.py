"""The recorded scenarios that crossgate answers otherwise than KrakenD, each with the code of its deviation."""

_BOT_OFF = (
    "bot-endpoint-cache-negative bot-service-bad-regex bot-endpoint-bad-regex bot-endpoint-backreference "
    "bot-service-lookahead bot-endpoint-lookahead bot-service-types bot-service-types-number bot-endpoint-types-number "
    "bot-service-list"
)

_OTHER_HOST = "ro-54 ro-58 routes-005 routes-015 routes-133 routes-144 routes-180 routes-200"

DEPARTURES: dict[str, str] = {
    **dict.fromkeys(_BOT_OFF.split(), "DEV-BOT-1"),
    "bot-service-routes": "DEV-GATE-1",
    "ro-46": "DEV-CONF-4",
    **dict.fromkeys(["ro-62", "ro-64", "ro-102"], "DEV-PARAM-1"),  # ro-62 and ro-64 are DEV-HTTP-6, too
    **dict.fromkeys(_OTHER_HOST.split(), "DEV-ROUTE-1"),
}
