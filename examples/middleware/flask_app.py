"""Flask: `flask --app flask_app run`, or any WSGI server with `flask_app:app`."""

from cors_policy import policy
from flask import Flask, Response, jsonify

from crossgate.middleware.flask import CORS

app = Flask(__name__)
CORS(app, policy)


@app.get("/item")
def item() -> tuple[Response, dict[str, str]]:
    return jsonify(id=1), {"X-Total": "1"}


@app.put("/item")
def replace_item() -> Response:
    return jsonify(id=1)


@app.get("/broken")
def broken() -> Response:
    raise RuntimeError("not caught by anybody")
