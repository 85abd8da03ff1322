"""One file a resource, each with its `routes`; the order is that of the documentation."""

from api.resources import (
    campaigns,
    corpora,
    data,
    jobs,
    me,
    measuring,
    models,
    norming,
    people_in,
    ratings,
    reports,
    site,
    training,
    webhooks,
    work,
)

RESOURCES = tuple(
    room.routes
    for room in (
        me,
        work,
        norming,
        campaigns,
        people_in,
        ratings,
        reports,
        measuring,
        data,
        models,
        corpora,
        training,
        site,
        jobs,
        webhooks,
    )
)
