"""The door for web servers."""

import os

from django.core.wsgi import get_wsgi_application

from config.backups import running

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
running.say_so()
