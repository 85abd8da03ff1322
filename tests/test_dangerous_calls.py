"""Calls that run or trust what somebody sent stand only where a reason is written down here."""

import importlib.machinery
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("accounts", "annotation", "api", "common", "config", "metrics", "models_app", "studies")
DANGEROUS = {
    "pickle": r"\bpickle\b|\bdill\b|\bjoblib\b|\bshelve\b|\bmarshal\b",
    "torch.load": r"torch\.load\(",
    "eval or exec": r"(?<![.\w])(?:eval|exec)\(",
    "a shell": r"shell=True|os\.system\(|os\.popen\(",
    "unescaped HTML": r"\bmark_safe\b|\bSafeString\(|\|safe\b|autoescape off",
    "unsafe YAML": r"yaml\.(?:load|unsafe_load|full_load)\(",
    "unpacking to disk": r"\.extractall\(|\.extract\(|unpack_archive\(",
    "a view without CSRF": r"csrf_exempt",
    "raw SQL": r"\.raw\(|RawSQL\(|\.extra\(",
    "unchecked TLS": r"verify=False|CERT_NONE|_create_unverified_context",
    "an address opened": r"urlopen\(|requests\.(?:get|post)\(|urlretrieve\(",
}
ALLOWED = {
    ("pickle", "metrics/automatic/crew.py"): "between our own processes, over their own pipe",
    ("pickle", "metrics/automatic/helper.py"): "the other end of that pipe",
    ("a view without CSRF", "api/views.py"): "no session counts there: see api.authentication",
    ("a view without CSRF", "models_app/views/playground_api.py"): "it checks the token itself",
    (
        "unescaped HTML",
        "annotation/blanks.py",
    ): "a mark of letters, put in the place of escaped text",
    ("unescaped HTML", "annotation/views/item.py"): "what a template rendered, kept",
    ("an address opened", "accounts/oidc.py"): "the issuer that the environment names",
    ("unescaped HTML", "annotation/guidelines.py"): "Markdown without HTML, see its tests",
    ("unescaped HTML", "templates/metrics/datasheet_file.html"): "our own style sheets",
    ("unescaped HTML", "templates/metrics/report_file.html"): "our own style sheets and scripts",
}


def files() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return found + list((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("kind", DANGEROUS)
def test_dangerous_calls_stand_only_where_a_reason_is_given(kind):
    pattern = re.compile(DANGEROUS[kind])
    for path in files():
        place = path.relative_to(ROOT).as_posix()
        if "/migrations/" in place or (kind, place) in ALLOWED:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            code = line.split("  #")[0]
            is_said = code.lstrip().startswith(("#", '"""'))
            assert is_said or not pattern.search(code), f"{place}:{number}: {kind}"


def test_the_list_of_exceptions_is_no_longer_than_it_must_be():
    for kind, place in ALLOWED:
        assert re.search(DANGEROUS[kind], (ROOT / place).read_text(encoding="utf-8")), place


def test_weights_are_safetensors_and_code_is_not_trusted_wherever_models_are_loaded():
    """Every load of a model names both; demo models are made, not received."""
    for path in files():
        text = path.read_text(encoding="utf-8")
        if "from_pretrained(" not in text or "models_app/demo/" in path.as_posix():
            continue
        for call in re.findall(r"(Auto\w+|getattr\(transformers, kind\))\.from_pretrained\(", text):
            assert "trust_remote_code" in text, (path, call)
            if "Tokenizer" not in call and "Config" not in call:
                assert "use_safetensors" in text, (path, call)


def audit():
    place = str(ROOT / "bin" / "audit-dependencies")
    loader = importlib.machinery.SourceFileLoader("audit_dependencies", place)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("audit_dependencies", loader)
    )
    loader.exec_module(module)
    return module


def test_every_dependency_is_pinned_and_the_locks_agree():
    found = audit()
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert len(found.versions(locks)) > 50
    assert [problem for lock in locks for problem in found.problems_of(lock)] == []
    assert list(found.disagreements(locks)) == []


@pytest.mark.parametrize(
    "line", ["django", "django>=5", "x @ https://host/x.whl", "git+https://host/x", "-e .",
             "--index-url https://host/"],
)  # fmt: skip
def test_a_lock_that_pins_nothing_is_told(tmp_path, line):
    lock = tmp_path / "x.txt"
    lock.write_text(f"a==1.0 \\\n    --hash=sha256:00\nb==2 ; python_version > '3'\n{line}\n")
    assert len(list(audit().problems_of(lock))) == 1
