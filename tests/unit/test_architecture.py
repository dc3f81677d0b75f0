"""The rules of docs/architecture.md, read from the source of every module."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACES = ("backend", "worker", "sdk_scripts")
MAX_LINES = 300
LONGER = {
    "pushoff/video/toe/locate.py": "one algorithm, whose steps share the images around an event",
}
"""Modules of more lines, each with the reason why they hold one idea."""
MAX_MODULES = 20
DOORS = {
    "cv2": ("pushoff/video", "pushoff/synthetic"),
    "av": ("pushoff/video", "pushoff/synthetic"),
    "torch": ("pushoff/learning",),
    "torchvision": ("pushoff/learning",),
    "lightning": ("pushoff/learning",),
    "mlflow": ("pushoff/learning",),
    "matplotlib": ("pushoff/learning/evaluation/plots.py", "pushoff/active/simulation/plots.py"),
    "sklearn": ("pushoff/active", "pushoff/learning"),
    "threadpoolctl": ("pushoff/active", "pushoff/learning"),
    "safetensors": ("pushoff/learning",),
    "label_studio_sdk": ("pushoff/studio",),
    "label_studio_ml": ("backend/ml_backend.py",),
    "jinja2": ("pushoff/report", "backend/coach/templating.py"),
    "sqlalchemy": ("pushoff/coach",),
    "argon2": ("pushoff/coach/accounts.py",),
    "fpdf": ("pushoff/report/pdf_layout.py",),
    "tuspyserver": ("backend/coach/uploads/tus_storage.py",),
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
MAY_RENDER = ("pushoff/synthetic", "sdk_scripts/demo", "sdk_scripts/simulate.py")
"""Where `pushoff.synthetic` may be imported besides tests, benchmarks and tools: the demo, and
`pushoff simulate --synthetic`, which replays labelling on rendered drills."""


TEST_FOLDERS = ("tests/unit", "tests/integration", "tests/faults", "tests/browser")
COVERED_BY = {
    "tests/integration/learning/registry/test_mlflow_client.py": (
        "pushoff/learning/registry/runs.py",
    ),
    "tests/unit/learning/heads/test_fit_head.py": ("pushoff/learning/heads/head_config.py",),
    "tests/unit/report/test_pdf.py": ("pushoff/report/pdf_layout.py",),
    "tests/integration/workflows/test_sync_corrections.py": (
        "pushoff/studio/coach_annotations.py",
        "pushoff/workflows/steps/suggestion_answers.py",
    ),
    "tests/integration/studio/test_project.py": (
        "pushoff/studio/connections.py",
        "pushoff/studio/storage_connection.py",
    ),
    "tests/integration/studio/export/test_snapshot.py": ("pushoff/studio/media/image_folders.py",),
    "tests/integration/studio/test_tabs.py": ("pushoff/studio/task_cache.py",),
    "tests/integration/workflows/steps/test_publish_timeline.py": (
        "pushoff/studio/timeline/tasks.py",
        "sdk_scripts/label_folders.py",
    ),
    "tests/unit/synthetic/test_camera.py": ("pushoff/synthetic/backdrop.py",),
    "tests/unit/synthetic/test_render.py": (
        "pushoff/synthetic/bystander.py",
        "pushoff/synthetic/painter.py",
        "pushoff/synthetic/world.py",
    ),
    "tests/unit/video/toe/test_locate.py": ("pushoff/video/toe/background.py",),
    "tests/unit/video/tracking/test_athlete.py": ("pushoff/video/tracking/*_camera.py",),
    "tests/integration/backend/coach/uploads/test_routes.py": (
        "backend/coach/uploads/tus_storage.py",
        "pushoff/workflows/analyze_session.py",
    ),
    "tests/integration/workflows/test_retrain.py": (
        "pushoff/workflows/publish.py",
        "pushoff/workflows/steps/data/pull_labels.py",
        "sdk_scripts/doctor.py",
        "sdk_scripts/video.py",
    ),
    "tests/integration/workflows/test_refit.py": (
        "pushoff/workflows/steps/champion.py",
        "pushoff/workflows/steps/cleanup.py",
    ),
    "tests/integration/backend/test_label_studio_protocol.py": ("backend/header_timeout.py",),
    "tests/integration/worker/test_main.py": ("worker/scheduler.py",),
    "tests/faults/sdk_scripts/demo/test_stack.py": ("sdk_scripts/demo/__main__.py",),
    "tests/integration/test_real_footage.py": (
        "sdk_scripts/demo/scripted_annotator.py",
        "sdk_scripts/demo/video_truth.py",
    ),
}
"""Modules without a test of their name, by the test that covers them. A unit test imports the
module, or a module that it is a part of; other tests run the whole program."""


def sources(*rooms: str) -> list[Path]:
    """Every module of the rooms; of the product without an argument."""
    return [
        path
        for room in rooms or ("pushoff", *FACES)
        for path in sorted((ROOT / room).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """Every module a file imports, at its top or inside functions, but not for type checking."""
    names: set[str] = set()
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def within(path: Path, rooms: tuple[str, ...]) -> bool:
    return any(
        name_of(path) == room or name_of(path).startswith((room + "/", room + ".py"))
        for room in rooms
    )


def starts_with(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


# Rule 1: faces call workflows and the rest of pushoff, never each other.


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_faces_know_the_domain_and_never_each_other(path: Path) -> None:
    """The domain imports no face, and a face imports no other face."""
    own = path.relative_to(ROOT).parts[0]
    foreign = {face for face in FACES if face != own}
    assert not {name for name in imports(path) if name.split(".")[0] in foreign}


def test_only_faces_call_workflows() -> None:
    """Nothing in `pushoff` outside `workflows` imports a workflow."""
    for path in sources("pushoff"):
        if not within(path, ("pushoff/workflows",)):
            found = {name for name in imports(path) if starts_with(name, "pushoff.workflows")}
            assert not found, name_of(path)


def test_only_the_edge_reads_settings() -> None:
    """Below the faces everything gets plain arguments."""
    for path in sources():
        if not within(path, (*FACES, "pushoff/services.py")):
            assert "pushoff.settings" not in imports(path), name_of(path)


# Rule 2: events is pure, synthetic serves tests, and packages have no cycle.


def test_events_import_the_standard_library_numpy_and_values() -> None:
    """`pushoff.events` can be read and reused without any framework."""
    allowed = ("pushoff.events", "pushoff.values", "pushoff.errors", "pushoff.util")
    for path in sources("pushoff/events"):
        for name in imports(path):
            known = name.split(".")[0] in {*sys.stdlib_module_names, "numpy"}
            assert known or any(starts_with(name, room) for room in allowed), (path, name)


def test_rendered_drills_stay_out_of_the_product() -> None:
    """`pushoff.synthetic` is imported by tests, benchmarks and the demo only."""
    for path in sources():
        if not within(path, MAY_RENDER):
            found = {name for name in imports(path) if starts_with(name, "pushoff.synthetic")}
            assert not found, name_of(path)


def package_of(module: str) -> str:
    """`pushoff.studio` of `pushoff.studio.media.urls`; the module itself right below `pushoff`."""
    return ".".join(module.split(".")[:2])


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """The names along one cycle; empty when there is none."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node not in done:
            for target in sorted(graph.get(node, ())):
                if cycle := visit(target, [*path, node]):
                    return cycle
            done.add(node)
        return []

    return next((cycle for node in sorted(graph) if (cycle := visit(node, []))), [])


def test_packages_have_no_cycle() -> None:
    """The packages of `pushoff` can be put in an order in which each imports earlier ones only."""
    graph: dict[str, set[str]] = {}
    for path in sources("pushoff"):
        own = package_of(name_of(path).removesuffix(".py").replace("/", "."))
        targets = {package_of(name) for name in imports(path) if starts_with(name, "pushoff")}
        graph.setdefault(own, set()).update(targets - {own, "pushoff"})
    packages = {package for package in graph if package != "pushoff.__init__"}
    assert not cycle_in({own: targets & packages for own, targets in graph.items()})


# Rule 3: one door for each library, and a light start.


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_each_library_has_one_door(path: Path) -> None:
    """A third-party library is imported at its door only."""
    wrong = {
        name
        for name in imports(path)
        if (door := DOORS.get(name.split(".")[0])) is not None and not within(path, door)
    }
    assert not wrong


@pytest.mark.parametrize(
    "module", ["pushoff", "pushoff.services", "sdk_scripts.cli", "worker.main"]
)
def test_starting_loads_nothing_heavy(module: str) -> None:
    """The command line and the worker's parent start without torch, cv2, mlflow or sklearn."""
    heavy = "{'torch', 'cv2', 'mlflow', 'lightning', 'sklearn', 'label_studio_sdk'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_importing_only_defines() -> None:
    """No module hashes, opens or starts anything at its top level."""
    forbidden = {"open", "hash", "Thread", "ThreadPoolExecutor", "connect", "Popen", "run", "load"}
    for path in sources():
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
                continue
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    called = ast.unparse(call.func).rsplit(".", 1)[-1]
                    assert called not in forbidden, f"{name_of(path)}:{call.lineno} {called}()"


# Rule 4: one reader for each thing read.

ANNOTATION_READERS = (
    "pushoff/studio/export",
    "pushoff/studio/timeline/labels.py",
    "backend/webhooks.py",
)
"""Exports, timelines of whole videos, and the event of a webhook, which has no export yet."""
READERS = {
    "box": ("pushoff/studio/task_data.py",),
    "was_cancelled": ANNOTATION_READERS,
    "parent_prediction": ANNOTATION_READERS,
    "lead_time": ANNOTATION_READERS,
}
"""Keys of task data and annotations, and the only places that look them up."""


def keys_read(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every constant key that is looked up with `[...]` or `.get(...)`."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key = node.slice
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get") and node.args:
            key = node.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.lineno, key.value


def test_each_thing_has_one_reader() -> None:
    """Task data and annotations are looked into by their reader, label configs parsed in one."""
    for path in sources():
        for line, key in keys_read(ast.parse(path.read_text("utf-8"))):
            if key in READERS:
                assert within(path, READERS[key]), f"{name_of(path)}:{line} reads {key}"
        if any(name.endswith("ElementTree.fromstring") for name in imports(path)):
            assert within(path, ("pushoff/studio/config",)), name_of(path)


# Rule 5: decisions never depend on the wording of a message.


def message_tests(tree: ast.Module) -> Iterator[int]:
    """Lines that look for a text inside `str(error)`, `error.args[0]` or `error.message`."""
    caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)} - {None}

    def is_message(node: ast.expr) -> bool:
        text = ast.unparse(node)
        return any(
            text in (f"str({name})", f"{name}.args[0]", f"{name}.message", f"repr({name})")
            or text.startswith((f"str({name}).", f"{name}.message."))
            for name in caught
        )

    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_message, [node.left, *node.comparators])):
            yield node.lineno
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            if any(map(is_message, node.args)):
                yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("startswith", "endswith", "find") and is_message(node.func.value):
                yield node.lineno


def test_no_decision_hangs_on_a_message() -> None:
    """Code asks for an error's class or code, never for words in its text."""
    for path in sources():
        lines = list(message_tests(ast.parse(path.read_text("utf-8"))))
        assert not lines, f"{name_of(path)}: lines {lines}"


# Rule 6: hashes and keys are made from canonical JSON or bytes.


def test_no_hash_is_made_from_a_repr() -> None:
    """Nothing that is hashed is built with an f-string, `repr` or `str` of an object."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if not ast.unparse(node.func).startswith(("hashlib.sha", "sha256", "hashlib.blake")):
                continue
            for argument in node.args:
                for inner in ast.walk(argument):
                    is_repr = isinstance(inner, ast.Call) and ast.unparse(inner.func) == "repr"
                    assert not isinstance(inner, ast.JoinedStr) and not is_repr, (
                        f"{name_of(path)}:{node.lineno}"
                    )


# Safety, size and tests.


def test_nothing_can_run_code_from_data() -> None:
    """No pickle, no unchecked torch.load, no eval, no shell: data never becomes code."""
    for path in sources():
        tree = ast.parse(path.read_text("utf-8"))
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


def test_files_are_short() -> None:
    """No module is longer than 300 lines, but for those listed with a reason."""
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name for name, count in lines.items() if count > MAX_LINES} == LONGER.keys()


def test_folders_are_small() -> None:
    """No folder has more than 20 modules."""
    folders = {path.parent for path in sources("pushoff", *FACES, "benchmarks", "tools")}
    for folder in sorted(folders):
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= MAX_MODULES, f"{name_of(folder)}: {len(modules)} modules"


def test_every_test_says_what_it_promises() -> None:
    """Each test function has a docstring."""
    for path in sources("tests"):
        if not path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                named = node.name.startswith("test_")
                assert not named or ast.get_docstring(node), f"{path}:{node.lineno} {node.name}"


def mirrored(path: Path) -> list[Path]:
    """Where the test of a module's name may stand."""
    folder = path.relative_to(ROOT).parent.as_posix()
    below = folder.removeprefix("pushoff").removeprefix("/")
    return [ROOT / tests / below / f"test_{path.name}" for tests in TEST_FOLDERS]


def modules_at(pattern: str) -> set[Path]:
    """The modules that a pattern of COVERED_BY names and that have no test of their name."""
    found = {path for path in ROOT.glob(pattern) if path.name != "__init__.py"}
    if "*" in pattern:
        found = {path for path in found if not any(test.exists() for test in mirrored(path))}
    return found


def test_every_module_has_a_test_of_its_name() -> None:
    """A module's test stands at the path of the module, or COVERED_BY names the one there is."""
    listed = {path for patterns in COVERED_BY.values() for p in patterns for path in modules_at(p)}
    modules = {path for path in sources() if path.name != "__init__.py"}
    without = {path for path in modules if not any(test.exists() for test in mirrored(path))}
    assert sorted(map(name_of, without - listed)) == []
    assert sorted(map(name_of, listed - without)) == [], "these have a test of their name"


@pytest.mark.parametrize(
    ("test", "pattern"),
    [(test, pattern) for test, patterns in COVERED_BY.items() for pattern in patterns],
)
def test_covering_tests_reach_their_modules(test: str, pattern: str) -> None:
    """Test and modules exist; a unit test imports the module, or one that imports it."""
    assert (ROOT / test).is_file() and modules_at(pattern)
    if not test.startswith("tests/unit/"):
        return
    direct = imports(ROOT / test)
    for path in modules_at(pattern):
        module = name_of(path).removesuffix(".py").replace("/", ".")
        users = {
            name_of(user).removesuffix(".py").replace("/", ".")
            for user in sources()
            if module in imports(user)
        }
        assert direct & {module, *users}, module
