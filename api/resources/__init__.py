"""One file a resource, each with its `routes`; the order is that of the documentation."""

from api.resources import me

RESOURCES = (me.routes,)
