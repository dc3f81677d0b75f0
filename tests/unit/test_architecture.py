"""The dependency rule, read from the imports of every file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACES = ("backend", "worker", "sdk_scripts")
DOORS = {
    "cv2": ("pushoff/video", "pushoff/synthetic"),
    "av": ("pushoff/video",),
    "torch": ("pushoff/learning",),
    "torchvision": ("pushoff/learning",),
    "lightning": ("pushoff/learning",),
    "mlflow": ("pushoff/learning", "worker/preload.py"),
    "matplotlib": ("pushoff/learning/evaluation/plots.py", "pushoff/active/simulation/plots.py"),
    "sklearn": ("pushoff/active", "pushoff/learning", "worker/preload.py"),
    "threadpoolctl": ("pushoff/active", "pushoff/learning"),
    "safetensors": ("pushoff/learning",),
    "label_studio_sdk": ("pushoff/studio",),
    "label_studio_ml": ("backend/ml_backend.py",),
    "jinja2": ("pushoff/report", "backend/coach/templating.py"),
    "sqlalchemy": ("pushoff/coach",),
    "argon2": ("pushoff/coach/accounts.py",),
    "fpdf": ("pushoff/report/pdf_layout.py",),
    "tuspyserver": ("backend/coach/uploads/routes.py",),
    "mediapipe": ("pushoff/video/pose.py",),
    "PIL": ("pushoff/studio", "pushoff/learning", "pushoff/active/simulation"),
    "defusedxml": ("pushoff/studio",),
    "httpcore": ("pushoff/studio",),
    "fsspec": ("pushoff/storage",),
    "redis": ("pushoff/queue",),
    "rq": ("pushoff/queue",),
    "croniter": ("pushoff/queue",),
    "fastapi": ("backend",),
    "starlette": ("backend",),
    "uvicorn": ("backend",),
    "prometheus_client": ("backend",),
    "typer": ("sdk_scripts",),
    "rich": ("sdk_scripts",),
    "psutil": ("sdk_scripts",),
    "honcho": (),
}
"""Each third-party library and the only places that may import it."""


def sources() -> list[Path]:
    return [
        path
        for room in ("pushoff", *FACES)
        for path in sorted((ROOT / room).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


def imports(path: Path) -> set[str]:
    """Every module a file imports, type-checking imports left out."""
    names: set[str] = set()
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def within(path: Path, rooms: tuple[str, ...]) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return any(name == room or name.startswith((room + "/", room + ".py")) for room in rooms)


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_faces_know_the_domain_and_never_each_other(path: Path) -> None:
    """The domain imports no face, and a face imports no other face."""
    own = path.relative_to(ROOT).parts[0]
    foreign = {face for face in FACES if face != own}
    assert not {name for name in imports(path) if name.split(".")[0] in foreign}


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_each_library_has_one_door(path: Path) -> None:
    """A third-party library is imported at its door only."""
    wrong = {
        name
        for name in imports(path)
        if (door := DOORS.get(name.split(".")[0])) is not None and not within(path, door)
    }
    assert not wrong


def test_events_is_numpy_and_the_standard_library() -> None:
    """`pushoff.events` can be read and reused without any framework."""
    allowed = {*sys.stdlib_module_names, "numpy", "pushoff"}
    for path in (ROOT / "pushoff" / "events").rglob("*.py"):
        assert not {name for name in imports(path) if name.split(".")[0] not in allowed}, path


def test_only_the_edge_reads_settings() -> None:
    """Below the faces everything gets plain arguments."""
    for path in sources():
        if within(path, (*FACES, "pushoff/services.py")):
            continue
        assert "pushoff.settings" not in imports(path), path


@pytest.mark.parametrize(
    "module", ["pushoff", "pushoff.services", "sdk_scripts.cli", "worker.main"]
)
def test_starting_loads_nothing_heavy(module: str) -> None:
    """The command line and the worker's parent start without torch, cv2 or mlflow."""
    heavy = "{'torch', 'cv2', 'mlflow', 'lightning', 'label_studio_sdk'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_nothing_can_run_code_from_data() -> None:
    """No pickle, no unchecked torch.load, no eval, no shell: data never becomes code."""
    for path in sources():
        tree = ast.parse(path.read_text())
        assert not imports(path) & {"pickle", "joblib", "dill", "marshal", "shelve"}, path
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "yaml.load", "os.system"), (path, called)
            keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
            assert keywords.get("shell") != "True", (path, node.lineno)
            if called == "torch.load":
                assert keywords.get("weights_only") == "True", (path, node.lineno)


def test_every_test_says_what_it_promises() -> None:
    """Each test function has a docstring."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                named = node.name.startswith("test_")
                assert not named or ast.get_docstring(node), f"{path}:{node.lineno} {node.name}"


def test_files_fit_in_the_head() -> None:
    """No source file is longer than 300 lines."""
    for path in sources():
        assert len(path.read_text().splitlines()) <= 300, path
