"""A campaign comes back from a file of Nikash: into an empty instance, or beside what is there."""
