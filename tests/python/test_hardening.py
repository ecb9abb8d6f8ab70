"""What the built programs have against being taken over, read in their ELF files with readelf. Run `make all image`
first. An older compiler or another libc may lack a thing: then these tests say which."""

import pathlib
import platform
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTOR = ROOT / "build/release/aws-benchmark-collector"
UNIVERSAL = ROOT / "build/universal"
CONTAINER_PROGRAMS = {"amd64": UNIVERSAL / "amd64/universal", "arm64": UNIVERSAL / "arm64/universal"}
PROGRAMS = {"collector": COLLECTOR} | CONTAINER_PROGRAMS

# Indirect branches may land on marked places alone: what the compiler notes in each object.
BRANCH_PROTECTION = {"amd64": "x86 feature: IBT, SHSTK", "arm64": "AArch64 feature: BTI, PAC"}
HOST = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


def readelf(path, *options):
    assert path.exists(), f"{path} is missing: run make all image"
    return subprocess.run(
        ["readelf", "--wide", *options, path], capture_output=True, text=True, check=True, env={"LC_ALL": "C"}
    ).stdout


@pytest.fixture(name="program", params=PROGRAMS, scope="module")
def choose_program(request):
    return PROGRAMS[request.param]


def segment(program, name):
    """The flags of a segment ("R", "RW", "R E", …), or None."""
    found = re.search(rf"^ *{name} +(?:0x\w+ +){{5}}([R W E]+?) +0x", readelf(program, "--segments"), re.MULTILINE)
    return found and found.group(1)


def symbols(path, *options):
    rows = [line.split() for line in readelf(path, *(options or ["--symbols"])).splitlines()]
    return {row[7].split("@")[0] for row in rows if len(row) > 7 and row[0].endswith(":")}


def objects(architecture):
    found = sorted((UNIVERSAL / architecture / "builds").rglob("*.o"))
    assert found
    return found


def test_it_is_loaded_at_a_random_address(program):
    assert re.search(r"Type: +DYN", readelf(program, "--file-header"))
    assert re.search(r"FLAGS_1.*\bPIE\b", readelf(program, "--dynamic"))


def test_what_the_linker_fills_in_is_read_only_before_main(program):
    dynamic = readelf(program, "--dynamic")
    assert segment(program, "GNU_RELRO") == "R"
    assert re.search(r"\(FLAGS\).*\bBIND_NOW\b", dynamic)
    assert re.search(r"\(FLAGS_1\).*\bNOW\b", dynamic)


def test_the_stack_is_not_executable(program):
    assert segment(program, "GNU_STACK") == "RW"


def test_nothing_is_both_writable_and_executable(program):
    loads = re.findall(r"^ *LOAD +(?:0x\w+ +){5}([R W E]+?) +0x", readelf(program, "--segments"), re.MULTILINE)
    assert any("E" in flags for flags in loads)
    assert not [flags for flags in loads if "W" in flags and "E" in flags]


def test_no_relocation_writes_into_code(program):
    assert "TEXTREL" not in readelf(program, "--dynamic")


def test_the_collector_checks_its_stack_and_its_buffers():
    imported = symbols(COLLECTOR, "--dyn-syms")
    assert {"__stack_chk_fail", "__memcpy_chk", "__snprintf_chk", "__vsnprintf_chk"} <= imported


def test_every_unit_of_the_collector_was_compiled_with_the_flags():
    information = readelf(COLLECTOR, "--debug-dump=info")
    producers = set(re.findall(r"DW_AT_producer +: .*?(GNU C\S* .*|clang .*)$", information, re.MULTILINE))
    assert producers
    for producer in producers:
        for flag in ("-fPIE", "-fstack-protector-strong", "-fstack-clash-protection"):
            assert flag in producer


@pytest.mark.parametrize("directory", ["pkg", "cmd"])
def test_indirect_branches_of_the_collector_land_on_marked_places(directory):
    found = sorted((ROOT / "build/release" / directory).rglob("*.o"))
    assert found
    for path in found:
        assert BRANCH_PROTECTION[HOST] in readelf(path, "--notes"), path


@pytest.mark.parametrize("architecture", CONTAINER_PROGRAMS)
def test_the_container_programs_objects_have_it_too(architecture):
    used = set()
    for path in objects(architecture):
        assert BRANCH_PROTECTION[architecture] in readelf(path, "--notes"), path
        used |= symbols(path)
    assert {"__stack_chk_fail", "__snprintf_chk"} <= used


def test_a_program_without_them_is_seen_as_one(tmp_path):
    source = tmp_path / "soft.c"
    source.write_text("int main(void) { return 0; }\n", encoding="ascii")
    soft = tmp_path / "soft"
    flags = ["-no-pie", "-fno-stack-protector", "-Wl,-z,execstack,-z,norelro,-z,lazy"]
    subprocess.run(["cc", *flags, source, "-o", soft], check=True)
    for holds in (
        test_it_is_loaded_at_a_random_address,
        test_what_the_linker_fills_in_is_read_only_before_main,
        test_the_stack_is_not_executable,
    ):
        with pytest.raises(AssertionError):
            holds(soft)
    assert "__stack_chk_fail" not in symbols(soft)
