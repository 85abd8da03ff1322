"""Static files under names that carry a hash of their content, so that browsers may keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Falls back to the plain name where no manifest was made yet (tests, first commands)."""

    manifest_strict = False
    # ES modules import each other by relative name; the copies must follow the hashed names.
    support_js_module_import_aggregation = True
