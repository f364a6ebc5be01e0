"""The application for servers that want to import one: `make dev` does."""

from app import logs
from app.lifecycle import Lifecycle
from app.main import create_app
from app.settings import load_settings

_settings = load_settings()
logs.configure(_settings)
app = create_app(_settings, Lifecycle())
