"""Checks on the tracked files of this tree: check_tree.py CHECK ROOT.

Each check prints what it found as `file:line: what` and fails; where git or a tool is missing it is
skipped with exit status 77 (never in scripts/test, which installs them).
"""

import os
import re
import shutil
import subprocess
import sys

SKIPPED = 77
SOURCES = (".h", ".cc")


def tracked_files(root):
    """Paths relative to root. A work tree without git (an unpacked archive) is walked instead."""
    git = ["git", "-c", "safe.directory=*", "-C", root]
    listed = subprocess.run(git + ["ls-files", "-z"], capture_output=True)
    if listed.returncode == 0:
        files = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        files = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in ("build", "demo-output", ".git")]
            files += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(f for f in files if os.path.isfile(os.path.join(root, f)))


def lines_of(root, name):
    """The lines of a text file; none for a binary one."""
    with open(os.path.join(root, name), "rb") as file:
        data = file.read()
    if b"\0" in data[:8000]:
        return []
    return data.decode("utf-8", "replace").splitlines()


# Written so that this file does not match itself.
MACHINE_PATHS = re.compile(
    r"(?<![\w./-])/(?:work|root|home" + r")/[\w.-]+|/tmp" + r"/w/|file" + r":///(?:work|root|home)/")


def machine_paths(root, files):
    """No tracked file names a place on somebody's machine."""
    for name in files:
        for number, line in enumerate(lines_of(root, name), 1):
            found = MACHINE_PATHS.search(line)
            if found:
                yield f"{name}:{number}: names a path of one machine: {found.group(0)}"


def file_sizes(root, files):
    """Sources stay small enough to be read at one sitting; nothing heavy is committed."""
    for name in files:
        size = os.path.getsize(os.path.join(root, name))
        if size > 2 * 1024 * 1024:
            yield f"{name}:1: {size} bytes; a tracked file is at most 2 MiB"
        if name.endswith(SOURCES):
            count = len(lines_of(root, name))
            if count > 700:
                yield f"{name}:{count}: a source file is at most 700 lines"


def layout(root, files):
    """Sources are laid out as .clang-format says."""
    tool = shutil.which("clang-format-19")
    if tool is None:
        print("clang-format-19 is not installed")
        sys.exit(SKIPPED)
    sources = [f for f in files if f.endswith(SOURCES)]
    for first in range(0, len(sources), 50):
        run = subprocess.run(
            [tool, "--dry-run", "--Werror", "--ferror-limit=1", *sources[first:first + 50]],
            cwd=root, capture_output=True, text=True)
        if run.returncode != 0:
            for line in run.stderr.splitlines():
                if "error:" in line:
                    yield line


CLASS = re.compile(r"(?:template <[^>]*> ?)?(?:class|struct|union|enum class|enum)(?: [A-Z_]+\(.*?\))? ([\w:]+)"
                   r"(?: final)?(?: :.*| \{.*)?$")
NAMESPACE = re.compile(r"(?:inline )?namespace(?: ([\w:]+))? \{")


def class_names(root, files):
    """No two classes of the library share a name: a linker would silently take one for both."""
    defined = {}
    for name in files:
        if not name.endswith(SOURCES) or not name.startswith(("src/", "include/")):
            continue
        spaces = []
        for number, line in enumerate(lines_of(root, name), 1):
            opened = NAMESPACE.match(line)
            if opened:
                spaces.append(opened.group(1))
            elif line.startswith("}  // namespace") and spaces:
                spaces.pop()
            found = CLASS.match(line)
            if not found or None in spaces:
                continue
            full = "::".join([*spaces, found.group(1)])
            first = defined.setdefault(full, f"{name}:{number}")
            if first != f"{name}:{number}":
                yield f"{name}:{number}: {full} is defined in {first} too"


LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def anchors_of(lines):
    """The anchors of a Markdown page's headings, as GitHub makes them."""
    result = set()
    for line in lines:
        if line.startswith("#"):
            title = line.lstrip("#").strip().lower()
            result.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return result


def links(root, files):
    """A link in a page leads to a file of this tree, and its anchor to a heading."""
    for name in files:
        if not name.endswith(".md"):
            continue
        fenced = False
        for number, line in enumerate(lines_of(root, name), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                to = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
                if not os.path.exists(os.path.join(root, to)):
                    yield f"{name}:{number}: leads to {target}, which is not there"
                elif anchor and to.endswith(".md") and anchor not in anchors_of(lines_of(root, to)):
                    yield f"{name}:{number}: {to} has no heading #{anchor}"


def quickstart(root, files):
    """The README shows examples/quickstart.cc as it stands, between its two markers."""
    del files
    readme = "\n".join(lines_of(root, "README.md"))
    code = "\n".join(lines_of(root, "examples/quickstart.cc"))
    shown = re.search(
        r"<!-- examples/quickstart.cc -->\n```cpp\n(.*?)\n```\n<!-- end -->", readme, re.S)
    if shown is None:
        yield "README.md:1: the markers <!-- examples/quickstart.cc --> and <!-- end --> are missing"
    elif shown.group(1) != code:
        yield "README.md:1: differs from examples/quickstart.cc; run scripts/paste-quickstart"


# Whoever decides what to say and do holds gates and nothing else.
GOVERNED = ("agent", "tasks", "jobs", "memory", "server", "cli", "bindings")
UNGOVERNED_TYPES = re.compile(
    r"\b(ToolRegistry|Carrier(?!::)|SpeechSynthesizer(?!::)|Tool\s*[&*]|unique_ptr<Tool>|HttpTransport"
    r"|WebSocketConnector|ByteStream)\b|dragoman/transport/")
EFFECT_CALL = re.compile(r"(?:\.|->)(Place|Synthesize)\(|[Tt]ools_?(?:\.|->)(Find)\(")
OUTSIDE = re.compile(r"#\s*include\s*[<\"](?:sys/socket|netdb|curl/|boost/(?:asio|beast))"
                     r"|\b(?:popen|system|posix_spawnp?|execvp?|fork)\(")
# What composes or stands in for the real thing, with the reason.
MAY_CALL = {
    "src/lab/faulty_speech.cc": "a synthesizer that wraps another",
    "src/lab/clinic_agent.cc": "lends tools to a registry; fills the diary before a call",
    "src/lab/dry_book.cc": "the clinic's tools on a book in memory, of which nobody outside hears",
}
MAY_REACH_OUTSIDE = ("src/net/", "src/providers/", "src/lab/", "src/server/", "src/cli/",
                     "src/runtime/")


def without_comments(line):
    if re.match(r"\s*#\s*include", line):
        return line
    return re.sub(r"//.*", "", re.sub(r'"(?:[^"\\]|\\.)*"', '""', line))


def choke_point(root, files):
    """No tool, carrier, synthesizer or socket is reached but through src/safety."""
    for name in files:
        module = re.match(r"(?:include/dragoman|src)/(\w+)/", name)
        if not name.endswith(SOURCES) or module is None or module.group(1) in ("safety", "testing"):
            continue
        for number, line in enumerate(lines_of(root, name), 1):
            line = without_comments(line)
            found = UNGOVERNED_TYPES.search(line)
            if module.group(1) in GOVERNED and found:
                if module.group(1) in ("server", "cli") and \
                        re.match(r"dragoman/transport|ByteStream|HttpT|WebS", found.group(0)):
                    continue  # they answer requests; they send none
                yield f"{name}:{number}: names {found.group(0)}, which only the gates may hold"
            call = EFFECT_CALL.search(line)
            if call and module.group(1) not in GOVERNED and name not in MAY_CALL:
                yield f"{name}:{number}: calls {call.group(0)}) around the gates"
            if OUTSIDE.search(line) and not name.startswith(MAY_REACH_OUTSIDE):
                yield f"{name}:{number}: reaches outside of the process: {line.strip()}"


CHECKS = {f.__name__: f for f in (
    machine_paths, file_sizes, layout, class_names, links, quickstart, choke_point)}


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in CHECKS:
        sys.exit(f"usage: check_tree.py {'|'.join(CHECKS)} ROOT")
    check, root = CHECKS[arguments[0]], os.path.abspath(arguments[1])
    files = tracked_files(root)
    findings = list(check(root, files))
    print("\n".join(findings) or f"{arguments[0]}: {len(files)} tracked files, nothing found")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
