"""Each check of scripts/lint.sh passes a good file and fails a bad one, in a checkout of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

GOOD = """\
#include "base/error.h"

int answer(struct err *err);

int answer(struct err *err)
{
    return err_set(err, ERR_DATA, "no");
}
"""


def lines(count, text="    answer += 1;"):
    return "\n".join([text] * count)


def function(body, name="answer"):
    return f"int {name}(int answer);\nint {name}(int answer)\n{{\n{body}\n    return answer;\n}}\n"


# check, file, what it holds, what must be said about it
BAD = [
    ("format", "pkg/base/a.c", "int  a;\n", "clang-format"),
    ("tidy", "pkg/base/a.c", "int mutable_state = 1;\n", "avoid-non-const-global-variables"),
    ("tidy", "pkg/base/a.c", function("    if (answer = 1)\n        answer++;"), "clang-diagnostic-parentheses"),
    ("tidy", "pkg/base/a.c", function("    int *p = 0;\n    answer = *p;"), "NullDereference"),
    ("analyzer", "pkg/base/a.c", "#include <stdlib.h>\n" + function("    free(&answer);"), "analyzer-free-of-non-heap"),
    (
        "analyzer",
        "pkg/base/a.c",
        "#include <stdlib.h>\n"
        + function("    char *p = realpath(\"/\", NULL);\n    answer += p[answer];\n    free(p);\n    free(p);"),
        "analyzer-double-free",
    ),
    ("cppcheck", "pkg/base/a.c", function("    int a[2] = {0};\n    answer = a[2];"), "arrayIndexOutOfBounds"),
    ("shell", "scripts/a.sh", '#!/bin/sh\nfor f in $(ls *.c); do rm $g; done\n', "SC2045"),
    ("shell", "scripts/unnamed", '#!/usr/bin/env bash\ncd $1\n', "SC2164"),
    ("includes", "pkg/base/a.c", '#include "aws/aws.h"\n', 'base may not include "aws/aws.h"'),
    ("includes", "pkg/results/a.c", '#include "storage/store.h"\n', "results may not include"),
    ("includes", "pkg/storage/store_dir.c", '#include "aws/s3.h"\n', "storage may not include"),
    ("includes", "pkg/aws/a.c", '#include "http.h"\n', "lacks its package"),
    ("includes", "pkg/orchestrator/a.c", "#include <curl/curl.h>\n", "<curl/curl.h> is for pkg/aws alone"),
    ("includes", "builds/universal/a.c", '#include "results/stats.h"\n', "universal may not include"),
    ("functions", "pkg/base/a.c", function(lines(101)), "lines, at most 100 are allowed"),
    ("functions", "pkg/base/a.c", function(lines(16, "    if (answer) answer++;")), "cyclomatic complexity of 17"),
    ("functions", "pkg/base/a.c", lines(501, "int a(void);") + "\n", "the file has 501 lines"),
    ("functions", "tests/a.py", "def a():\n" + lines(101, "    pass") + "\n", "lines, at most 100 are allowed"),
    ("text", "README.md", "trailing \n", "white space at the end"),
    ("text", "pkg/base/a.c", "\tint a;\n", "a tab"),
    ("text", "pkg/base/a.c", "int a;", "the last line does not end"),
    ("text", "pkg/base/a.c", f"/* {'x' * 120} */\n", "at most 120 are allowed"),
    ("text", "docs/a.md", "TO" "DO: more\n", "unfinished work"),
    ("docs", "docs/a.md", "held by `tests/unit/test_a.c`\n", "there is no tests/unit/test_a.c"),
    ("docs", "docs/a.md", "held by `docs/a.md::no_such_test`\n", "docs/a.md has no no_such_test"),
    ("docs", "docs/a.md", "see [there](b.md#part)\n", "the link to b.md leads nowhere"),
    ("docs", "docs/a.md", "`make believe`\n", "make has no target 'believe'"),
    ("text", "pkg/aws/a.c", "x = cJSON_Parse(y);\n", "JSON text goes through base/json.h"),
    ("text", "pkg/aws/a.c", "exit(1);\n", "never ends the process"),
    ("text", "pkg/aws/a.c", 'printf("x");\n', "packages don't print"),
]

PASSES = [
    ("format", "pkg/base/a.c", GOOD),
    ("tidy", "pkg/base/a.c", GOOD),
    ("cppcheck", "pkg/base/a.c", GOOD),
    ("analyzer", "pkg/base/a.c", GOOD),
    ("shell", "scripts/a.sh", '#!/bin/sh\nset -eu\nrm "$1"\n'),
    ("includes", "pkg/storage/store_s3.c", '#include "aws/s3.h"\n#include "results/document.h"\n'),
    ("includes", "tests/unit/a.c", '#include "orchestrator/event.h"\n#include "base/error.h"\n'),
    ("functions", "pkg/base/a.c", function(lines(56))),
    ("docs", "docs/a.md", "[this](a.md#part), `docs/a.md`, `docs/*.md`, `docs/a.md::this` this, `build/x`, `a/b`\n"),
    ("text", "pkg/base/json.c", "x = cJSON_Parse(y);\n"),
    ("text", "Makefile", "a:\n\ttrue\n"),
]


@pytest.fixture(name="checkout")
def make_checkout(tmp_path):
    """A checkout with the project's rules and nothing else."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for rules in (".clang-tidy", ".clang-format"):
        shutil.copy(ROOT / rules, tmp_path / rules)
    return tmp_path


def lint(checkout, check, name, content):
    path = checkout / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return subprocess.run(
        [ROOT / "scripts/lint.sh", check], cwd=checkout, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(("check", "name", "content", "message"), BAD)
def test_a_bad_file_fails(checkout, check, name, content, message):
    result = lint(checkout, check, name, content)
    said = result.stdout + result.stderr
    assert result.returncode == 1, said
    assert f"lint failed: {check}" in said
    assert message in said


@pytest.mark.parametrize(("check", "name", "content"), PASSES)
def test_a_good_file_passes(checkout, check, name, content):
    result = lint(checkout, check, name, content)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"lint {check}: ok" in result.stdout


def test_a_long_function_below_the_limit_is_a_warning(checkout):
    result = lint(checkout, "functions", "pkg/base/a.c", function(lines(70)))
    assert result.returncode == 0
    assert "at most 60 are wanted (warning)" in result.stdout


def test_one_failure_does_not_hide_the_next(checkout):
    (checkout / "a.md").write_text("a \n", encoding="utf-8")
    (checkout / "a.c").write_text("int  a;\n", encoding="utf-8")
    result = subprocess.run(
        [ROOT / "scripts/lint.sh", "text", "format"], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert "lint failed: text format" in result.stderr


def test_an_unknown_check_is_a_usage_error(checkout):
    result = subprocess.run([ROOT / "scripts/lint.sh", "nonsense"], cwd=checkout, capture_output=True, check=False)
    assert result.returncode == 2
