"""The recorded scenarios that crossgate answers otherwise than KrakenD, each with the code of its deviation."""

_BOT_OFF = (
    "bot-endpoint-cache-negative bot-service-bad-regex bot-endpoint-bad-regex bot-endpoint-backreference "
    "bot-service-lookahead bot-endpoint-lookahead bot-service-types bot-service-types-number bot-endpoint-types-number "
    "bot-service-list"
)

DEPARTURES: dict[str, str] = {
    **dict.fromkeys(_BOT_OFF.split(), "DEV-BOT-1"),
    "bot-service-routes": "DEV-GATE-1",
}
