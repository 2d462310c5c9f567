"""Django in one file: the first of MIDDLEWARE, and `CROSSGATE_CORS`. In a project these stand in `settings.py`."""

from cors_policy import policy
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(
    MIDDLEWARE=["crossgate.middleware.django.CORSMiddleware", "django.middleware.common.CommonMiddleware"],
    CROSSGATE_CORS=policy,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for this example",
    LOGGING_CONFIG=None,
)


def item(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"id": 1}, headers={"X-Total": "1"})


def broken(request: HttpRequest) -> JsonResponse:
    raise RuntimeError("not caught by anybody")


urlpatterns = [path("item", item), path("broken", broken)]

app = get_asgi_application()
wsgi_app = get_wsgi_application()
