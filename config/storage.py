"""Static files under names that carry a hash of their content, so that browsers may keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """A file that is named nowhere yet gets its hash when it is first asked for."""

    manifest_strict = False
    # ES modules import each other by relative name; the copies must follow the hashed names.
    support_js_module_import_aggregation = True
