"""Django on both sides, in one file. In a project these are the last lines of `asgi.py` and `wsgi.py`."""

from cors_policy import policy
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

from crossgate.middleware import asgi, wsgi

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="only for this example", LOGGING_CONFIG=None)


def item(request):
    return JsonResponse({"id": 1}, headers={"X-Total": "1"})


def broken(request):
    raise RuntimeError("not caught by anybody")


urlpatterns = [path("item", item), path("broken", broken)]

app = asgi.CORSMiddleware(get_asgi_application(), policy)
wsgi_app = wsgi.CORSMiddleware(get_wsgi_application(), policy)
