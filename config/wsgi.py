"""The door for web servers."""

import logging
import os

from django.core.wsgi import get_wsgi_application

from config.backups import running
from config.redacting import Redacting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
logging.getLogger("gunicorn.error").addFilter(Redacting())  # it has a handler of its own
running.say_so()
