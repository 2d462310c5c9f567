"""Flask: `flask --app flask_app:app run`, or any WSGI server with `flask_app:app`."""

from cors_policy import policy
from flask import Flask, jsonify

from crossgate.middleware.wsgi import CORSMiddleware

app = Flask(__name__)
app.wsgi_app = CORSMiddleware(app.wsgi_app, policy)


@app.get("/item")
def item():
    return jsonify(id=1), {"X-Total": "1"}


@app.put("/item")
def replace_item():
    return jsonify(id=1)


@app.get("/broken")
def broken():
    raise RuntimeError("not caught by anybody")
