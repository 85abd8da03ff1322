"""One file a resource, each with its `routes`; the order is that of the documentation."""

from api.resources import campaigns, jobs, me, people_in, ratings, work

RESOURCES = (
    me.routes,
    work.routes,
    campaigns.routes,
    people_in.routes,
    ratings.routes,
    jobs.routes,
)
