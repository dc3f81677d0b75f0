"""The documentation and the code agree."""

import ast
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from pushoff.events.measure.calibration_file import parse_calibration
from pushoff.settings import Settings
from sdk_scripts.cli import app
from tools.docs import ASSETS, PAGES
from tools.docs import commands as command_tree

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README_BYTES = 10_000


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """A page's text; of the changelog only what is not released, for the rest is history."""
    text = path.read_text("utf-8")
    return text.split("\n## [0", 1)[0] if path.name == "CHANGELOG.md" else text


def all_text() -> str:
    return "\n".join(text_of(path) for path in DOCS)


def prose(path: Path) -> str:
    """Without fenced blocks, whose brackets are no links and whose # are no headings."""
    return re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)


def headings(path: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(path), re.M)


def anchors(path: Path) -> set[str]:
    """The fragments GitHub makes of a page's headings."""
    slugs = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings(path))
    return {slug.strip().replace(" ", "-") for slug in slugs}


def links(path: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"", prose(path))
    return [target or image for target, image in found]


def commands() -> list[str]:
    """Every command's full name, such as `pushoff project create`."""
    return [name for name, _ in command_tree(typer.main.get_command(app), "pushoff")]


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next of its level or a higher one."""
    text = (ROOT / page).read_text("utf-8")
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.M)
    assert found, f"{page} has no heading {heading!r}"
    return re.split(rf"^#{{1,{len(found[1])}}} ", text[found.end() :], maxsplit=1, flags=re.M)[0]


def requirements() -> dict[str, str]:
    """Each line of a list of dependencies in pyproject.toml by the package it names."""
    found = {}
    for block in re.findall(
        r"^(?:dependencies|pose|dev) = \[\n(.*?)^\]",
        (ROOT / "pyproject.toml").read_text("utf-8"),
        re.M | re.S,
    ):
        for line in block.splitlines():
            if match := re.match(r'\s*"([A-Za-z0-9_.-]+)', line):
                found[match[1]] = line
    return found


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_up_to_date(page: str) -> None:
    """`make docs` would change nothing."""
    assert (ROOT / page).read_text("utf-8") == PAGES[page](), f"{page}: run `make docs`"


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    """Each relative link names a file of the repository, and a heading of it where it says one."""
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, fragment = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{name(path)} links to {link}"
        assert target.is_relative_to(ROOT), f"{name(path)} links out of the repository: {link}"
        if fragment:
            assert fragment in anchors(target), f"{name(path)} links to {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    """Whoever begins with the README finds each page."""
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        targets = [(path.parent / link.partition("#")[0]).resolve() for link in links(path)]
        waiting += [target for target in targets if target in DOCS]
    assert not {name(path) for path in set(DOCS) - reached}


def test_the_readme_is_short() -> None:
    """The README is read in two minutes."""
    assert (ROOT / "README.md").stat().st_size <= README_BYTES


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_documented(setting: str) -> None:
    """Each setting stands in docs/settings.md with its default and its description."""
    field = Settings.model_fields[setting]
    assert field.description
    default = field.get_default(call_default_factory=True)
    default = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    shown = "empty" if default in ("", None, ()) else f"`{default}`"
    row = re.search(
        rf"^\| `PUSHOFF_{setting.upper()}` \| (.*?) \| .*? \| (.*?) \|$",
        (ROOT / "docs/settings.md").read_text("utf-8"),
        re.M,
    )
    assert row, f"PUSHOFF_{setting.upper()} is missing in docs/settings.md"
    assert (row[1], row[2]) == (shown, field.description)


def test_every_setting_named_exists() -> None:
    """Whoever copies a PUSHOFF_ name from the docs sets something that exists."""
    assert not unknown_settings(all_text())


def test_every_setting_in_a_message_exists() -> None:
    """An error of the product names no setting that is gone."""
    source = [path.read_text("utf-8") for path in (ROOT / "pushoff").rglob("*.py")]
    assert not unknown_settings("\n".join(source))


def unknown_settings(text: str) -> set[str]:
    """The PUSHOFF_ names in `text` that are not settings."""
    known = {f"PUSHOFF_{setting.upper()}" for setting in Settings.model_fields}
    return set(re.findall(r"PUSHOFF_[A-Z_]+[A-Z]", text)) - known


def test_every_command_is_documented() -> None:
    """Each `pushoff` command has a heading in docs/commands.md and says what it does."""
    page = ROOT / "docs/commands.md"
    missing = {f"`{command}`" for command in commands()} - set(headings(page))
    assert not missing
    for heading in headings(page)[1:]:
        assert section("docs/commands.md", heading).split("\n\n")[1].strip(), heading


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_command_named_exists(path: Path) -> None:
    """Each `pushoff ...` in running text, and each line of a block, names a command that exists."""
    known = commands()
    text = text_of(path)
    named = re.findall(r"`pushoff ([a-z][a-z -]*)", text)
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S):
        plain = re.sub(r" --env-file \S+", "", block)
        named += re.findall(r"(?:^|[/ ])pushoff ([a-z][a-z -]*)", plain, re.M)
    for words in named:
        first, second = (*words.split(" --")[0].split(" "), "", "")[:2]
        candidates = {f"pushoff {first}", f"pushoff {first} {second}"}
        group = any(command.startswith(f"pushoff {first} ") for command in known) and not second
        assert group or candidates & set(known), f"{name(path)}: pushoff {words}"


def test_every_make_target_named_exists() -> None:
    """`make X` in the docs is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z./-]+):", makefile, re.M))
    named = re.findall(r"(?:`|^|&& )make ([a-z.][a-z./-]*)", all_text(), re.M)
    assert {"demo", "test"} <= set(named) <= targets


def test_every_file_named_exists() -> None:
    """A path in the docs, from the root or from pushoff/, leads to the file or folder it names."""
    roots = "pushoff|backend|worker|sdk_scripts|tests|benchmarks|tools|docs"
    for path in DOCS:
        text = text_of(path)
        for named in re.findall(rf"`((?:{roots})/[\w./-]*\w/?)`", text):
            assert (ROOT / named).exists(), f"{name(path)} names {named}"
        for named in re.findall(r"`([\w/-]+\.py)`", text):
            places = (ROOT / named, ROOT / "pushoff" / named, ROOT / "pushoff/workflows" / named)
            assert any(place.exists() for place in places), f"{name(path)} names {named}"


def test_the_tree_shown_is_the_tree() -> None:
    """docs/architecture.md shows the folders of pushoff/ and their sub-packages, no others."""
    block = re.search(
        r"```\npushoff/(.*?)^backend/", section("docs/architecture.md", "The tree"), re.M | re.S
    )
    assert block
    shown = {
        folder: set(re.findall(r"\b(\w+)/", rest))
        for folder, rest in re.findall(r"^  (\w+)/(.*)$", block[1], re.M)
    }
    packages = [path.parent for path in (ROOT / "pushoff").rglob("__init__.py")]
    inside = {path.relative_to(ROOT / "pushoff") for path in packages} - {Path()}
    top = {path.name for path in inside if len(path.parts) == 1}
    assert set(shown) == top
    for folder in top:
        subs = {path.name for path in inside if path.parts[:-1] == (folder,)}
        assert shown[folder] == subs, folder


def test_every_module_started_by_name_exists() -> None:
    """`python -m X` in the docs starts a module that is there."""
    for module in set(re.findall(r"python3? -m ([a-z_]+\.[a-z_.]*[a-z_])", all_text())):
        parts = ROOT.joinpath(*module.split("."))
        assert parts.with_suffix(".py").exists() or (parts / "__main__.py").exists(), module


def test_every_benchmark_is_documented() -> None:
    """docs/benchmarks.md names the command of each script in benchmarks/ that can be started."""
    page, makefile = (
        (ROOT / name).read_text("utf-8") for name in ("docs/benchmarks.md", "Makefile")
    )
    for script in sorted((ROOT / "benchmarks").glob("*.py")):
        if '__name__ == "__main__"' not in script.read_text("utf-8"):
            continue
        module = f"benchmarks.{script.stem}"
        rule = re.search(rf"^([a-z-]+):.*\n\t.*-m {re.escape(module)}\b", makefile, re.M)
        names = [f"-m {module}", *([f"`make {rule[1]}`"] if rule else [])]
        assert any(each in page for each in names), f"docs/benchmarks.md does not name {module}"


@pytest.mark.parametrize(
    "block",
    re.findall(r"^```json\n(.*?)^```", section("docs/file-formats.md", "Calibration"), re.M | re.S),
)
def test_the_calibrations_shown_are_calibrations(block: str) -> None:
    """Each example of a calibration file is one, of a video of the size the page says."""
    size = re.search(r"\((\d+) x (\d+) pixels\)", section("docs/file-formats.md", "Calibration"))
    assert size
    parse_calibration(json.loads(block)).check_picture(int(size[1]), int(size[2]))


def test_the_labelled_clip_shown_is_one() -> None:
    """The example of an events.json is read as what the page says."""
    from pushoff.events.ground_truth import parse_ground_truth

    block = re.search(r"```json\n(.*?)```", section("docs/file-formats.md", "Labelled clips"), re.S)
    assert block
    truth = parse_ground_truth(json.loads(block[1])["video.mp4"])
    assert ((412,), ("left",)) == (truth.push_off_frames, truth.feet)


def test_every_key_of_the_json_outputs_is_documented() -> None:
    """docs/file-formats.md names each key of a report and of a score, and no other."""
    from pushoff.events.scoring import score_clips
    from pushoff.report.json_csv import as_json
    from tests.unit.events.test_report import TRIPLE, video_report

    table = section("docs/file-formats.md", "Report")
    named = re.findall(r"^\| (`.*?`) \|", table, re.M)
    report = {key for cell in named for key in re.findall(r"`(\w+)(?:\[\])?`", cell)}
    assert report == set(as_json(video_report(TRIPLE)))

    table = section("docs/file-formats.md", "Evaluation")
    named = re.findall(r"^\| (`.*?`) \|", table, re.M)
    score = {key for cell in named for key in re.findall(r"`(\w+)(?:\[\])?`", cell)}
    assert score == set(score_clips({}, {}, 1).as_dict())


def test_every_storage_folder_is_documented() -> None:
    """docs/file-formats.md says what lies in each folder of storage, and names no other."""
    table = section("docs/file-formats.md", "Storage")
    others = ("coach/session_files", "learning/features/extract_features", "studio/task_cache")
    sources = [
        *(ROOT / "pushoff/storage").glob("*.py"),
        *(ROOT / "pushoff" / f"{name}.py" for name in others),
    ]
    keys = {
        key
        for path in sources
        for key in re.findall(r'f"([a-z][a-z-]+)/\{?[_a-z]', path.read_text("utf-8"))
    }
    assert keys == set(re.findall(r"^\| `([a-z-]+)/`", table, re.M))


def test_every_dependency_has_its_reason() -> None:
    """Each direct dependency has a comment beside it that says why it is there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lines = requirements()
    for requirement in named:
        package = re.split(r"[\[=<>]", requirement)[0]
        assert re.search(r'",?\s+# \w', lines[package]), f"{package}: say why, in a comment"


def test_files_of_others_are_listed_with_their_licence() -> None:
    """Each vendored file stands in the list of licences, and each file listed is there."""
    listed = {path for path, *_ in ASSETS}
    assert all((ROOT / path).exists() for path in listed)
    vendored = [*ROOT.glob("backend/coach/static/vendor/*.js"), *ROOT.glob("tests/**/*.min.js*")]
    assert vendored
    assert {name(path) for path in vendored} <= listed


def test_docstrings_cite_headings_that_exist() -> None:
    """A docstring that cites a page of docs/ names a heading of it, and never notes elsewhere."""
    folders = ("pushoff", "backend", "worker", "sdk_scripts", "tests", "benchmarks", "tools")
    cited = 0
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        if path == Path(__file__):
            continue
        text = " ".join(path.read_text("utf-8").split())
        assert not re.search(r"domain (table|notes|section)|README, \"", text), path
        for page, heading in re.findall(r'(docs/[\w/-]+\.md), "([^"]+)"', text):
            assert heading in headings(ROOT / page), f"{path} cites {page}, {heading!r}"
            cited += page == "docs/domain.md"
    assert cited >= 12


def test_every_class_named_exists() -> None:
    """A class named in the docs, such as `Settings`, is defined or imported in pushoff/."""
    known = set()
    for path in (ROOT / "pushoff").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                known.add(node.name)
            elif isinstance(node, ast.ImportFrom):
                known |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Assign):
                known |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    assert not set(re.findall(r"`([A-Z][a-z]\w*[a-z])`", all_text())) - known


@pytest.mark.parametrize("path", sorted((ROOT / "docs/decisions").glob("[0-9]*.md")), ids=name)
def test_decisions_have_one_form(path: Path) -> None:
    """A record says context, decision and consequences, and the list of records names it."""
    text = path.read_text("utf-8")
    places = [text.find(f"\n**{part}.**") for part in ("Context", "Decision", "Consequences")]
    assert all(0 < before < after for before, after in pairwise(places))
    assert path.name in links(path.parent / "README.md")
    assert headings(path)[0].startswith(path.name[:4])


def test_the_changelog_begins_with_what_is_not_released() -> None:
    """Keep a Changelog: Unreleased, then the version of pyproject.toml, known kinds of change."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = [each for each in headings(ROOT / "CHANGELOG.md") if each.startswith("[")]
    assert versions[0] == "[Unreleased]"
    assert versions[1].startswith(f"[{project['version']}]")
    unreleased = re.findall(r"^### (.+)$", text_of(ROOT / "CHANGELOG.md"), re.M)
    assert set(unreleased) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_no_figure_is_left_to_come() -> None:
    """Where a number was to be put, there is one."""
    assert not re.findall(r"REPLACE|TODO|FIXME|MEASURED_|figures to come", all_text())


def test_public_modules_are_cited_by_their_path() -> None:
    """A dotted name of ours in the docs, such as `pushoff.settings.Settings`, can be imported."""
    for dotted in set(re.findall(r"`((?:pushoff|tools)(?:\.\w+)+)`", all_text())):
        *module, attribute = dotted.split(".")
        path = ROOT.joinpath(*dotted.split(".")).with_suffix(".py")
        if path.exists() or path.with_suffix("").is_dir():
            continue
        tree = ast.parse(ROOT.joinpath(*module).with_suffix(".py").read_text("utf-8"))
        assert attribute in {getattr(node, "name", "") for node in tree.body}, dotted
