"""What a type checker has to find: each line that ends with the word in the comment, and no other."""

from typing import TYPE_CHECKING

from fastapi import FastAPI
from flask import Flask

from crossgate import CORSMiddleware, CorsPolicy
from crossgate.middleware import wsgi
from crossgate.middleware.flask import CORS

if TYPE_CHECKING:
    policy = CorsPolicy(allow_origins=["https://app.example.com"])
    app = FastAPI()
    CorsPolicy()  # wrong
    CorsPolicy(allow_origins=[1])  # wrong
    CorsPolicy(allow_origins=["*"], allow_orgins=["*"])  # wrong
    CorsPolicy(allow_origins=["*"], max_age="10m")  # wrong
    CorsPolicy(allow_origins=["*"], upstream="keep")  # wrong
    CorsPolicy.from_krakend({}, config_version=1)  # wrong
    app.add_middleware(CORSMiddleware)  # wrong
    app.add_middleware(CORSMiddleware, policy={"allow_origins": ["*"]})  # wrong
    app.add_middleware(CORSMiddleware, policy=policy, websocket=True)  # wrong
    CORSMiddleware(app)  # wrong
    CORSMiddleware("app", policy)  # wrong
    CORSMiddleware(app, policy, exceptions="swallow")  # wrong
    wsgi.CORSMiddleware(app, policy, websockets=True)  # wrong
    CORS(Flask(__name__), ["https://app.example.com"])  # wrong
    policy.config = policy.config.rules  # wrong
