"""The image as a file: what is in it, and that two builds give the same. Run `make image` first."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE = ROOT / "build" / "image" / "universal.tar"
VERSION = (ROOT / "VERSION").read_text(encoding="ascii").strip()
REPOSITORY = "aws-benchmark-collector/universal"
ELF_MACHINE = {"amd64": 62, "arm64": 183}
PT_INTERP = 3


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module", name="files")
def read_files():
    assert IMAGE.exists(), f"{IMAGE} is missing: run make image"
    with tarfile.open(IMAGE) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


@pytest.fixture(scope="module", name="manifests")
def find_manifests(files):
    """platform → (manifest, configuration, layer's tar), by way of the index over both platforms."""

    def blob(descriptor):
        data = files["blobs/" + descriptor["digest"].replace(":", "/")]
        assert len(data) == descriptor["size"]
        return data

    top = json.loads(files["index.json"])["manifests"]
    index = json.loads(blob(next(row for row in top if row["mediaType"].endswith("index.v1+json"))))
    found = {}
    for row in index["manifests"]:
        manifest = json.loads(blob(row))
        (layer,) = manifest["layers"]
        tar = gzip.decompress(blob(layer))
        found[row["platform"]["architecture"]] = (manifest, json.loads(blob(manifest["config"])), tar)
    return found


def test_both_platforms_fit_in_a_megabyte_and_a_half(manifests):
    assert sorted(manifests) == ["amd64", "arm64"]
    assert IMAGE.stat().st_size < 1_500_000


def test_every_blob_has_the_digest_it_is_named_by(files):
    blobs = {name: data for name, data in files.items() if name.startswith("blobs/")}
    assert len(blobs) == 7  # two layers, configurations and manifests, one index
    for name, data in blobs.items():
        assert name == "blobs/" + digest(data).replace(":", "/")


def test_layer_is_one_static_program_for_its_platform(manifests):
    for architecture, (_, config, layer) in manifests.items():
        assert config["architecture"] == architecture
        assert config["rootfs"]["diff_ids"] == [digest(layer)]
        with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
            (member,) = tar.getmembers()
            program = tar.extractfile(member).read()
        assert (member.name, member.mode, member.uid, member.mtime) == ("universal", 0o755, 0, 0)
        assert program[:4] == b"\x7fELF"
        assert int.from_bytes(program[18:20], "little") == ELF_MACHINE[architecture]
        assert PT_INTERP not in program_header_types(program)


def program_header_types(elf):
    offset = int.from_bytes(elf[32:40], "little")
    size = int.from_bytes(elf[54:56], "little")
    count = int.from_bytes(elf[56:58], "little")
    return [int.from_bytes(elf[at : at + 4], "little") for at in range(offset, offset + size * count, size)]


def test_configuration_needs_no_root_and_says_what_it_is(manifests):
    for _, config, _ in manifests.values():
        assert config["config"]["Entrypoint"] == ["/universal"]
        assert config["config"]["User"] == "65534:65534"
        labels = config["config"]["Labels"]
        assert labels["org.opencontainers.image.version"] == VERSION
        assert labels["org.opencontainers.image.licenses"].startswith("MIT AND (LGPL-2.1-or-later)")
        assert config["created"] == "1970-01-01T00:00:00Z"


def test_docker_and_oci_tools_find_the_same_images_under_the_same_names(files, manifests):
    docker = {row["RepoTags"][0]: row for row in json.loads(files["manifest.json"])}
    oci = {row["annotations"]["io.containerd.image.name"]: row for row in json.loads(files["index.json"])["manifests"]}
    for architecture, (manifest, _, _) in manifests.items():
        tag = f"{REPOSITORY}:{VERSION}-{architecture}"
        assert docker[tag]["Config"] == "blobs/" + manifest["config"]["digest"].replace(":", "/")
        assert docker[tag]["Layers"] == ["blobs/" + manifest["layers"][0]["digest"].replace(":", "/")]
        assert oci["docker.io/" + tag]["platform"]["architecture"] == architecture
    assert f"docker.io/{REPOSITORY}:{VERSION}" in oci


def test_summary_beside_the_image_tells_its_digests(files, manifests):
    summary = json.loads(IMAGE.with_suffix(".json").read_text(encoding="utf-8"))
    index = files["blobs/" + summary["index"]["digest"].replace(":", "/")]
    assert json.loads(index)["manifests"][0]["platform"]["os"] == "linux"
    for architecture, (manifest, _, _) in manifests.items():
        row = summary["platforms"]["linux/" + architecture]
        assert row["config_digest"] == manifest["config"]["digest"]
        assert row["manifest_digest"] in index.decode()
        assert row["tag"] == f"{REPOSITORY}:{VERSION}-{architecture}"


def test_bill_of_materials_names_what_is_in_the_program(manifests):
    for architecture, (manifest, config, layer) in manifests.items():
        bill = json.loads(config["config"]["Labels"]["aws-benchmark-collector.sbom.spdx"])
        assert (bill["spdxVersion"], bill["dataLicense"]) == ("SPDX-2.3", "CC0-1.0")
        packages = {package["name"]: package for package in bill["packages"]}
        with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
            program = tar.extractfile("universal").read()
        assert packages["universal"]["checksums"] == [
            {"algorithm": "SHA256", "checksumValue": hashlib.sha256(program).hexdigest()}
        ]
        assert packages["universal"]["versionInfo"] == VERSION
        assert packages["glibc"]["licenseDeclared"] == "LGPL-2.1-or-later"
        assert re.fullmatch(r"2\.[0-9]+", packages["glibc"]["versionInfo"])
        links = {(row["relationshipType"], row["relatedSpdxElement"]) for row in bill["relationships"]}
        assert {("STATIC_LINK", "SPDXRef-glibc"), ("STATIC_LINK", "SPDXRef-libgcc")} <= links
        compiler = re.search(rb"gcc ([0-9.]+)[^\0]* -O2\0", program)
        assert packages["gcc"]["versionInfo"] == compiler[1].decode(), architecture
        assert manifest["annotations"]["org.opencontainers.image.version"] == VERSION


def copy_sources(folder):
    """What git knows of, and what is new and not ignored, as it stands in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def test_second_build_from_another_folder_into_another_gives_the_same_bytes(tmp_path):
    sources, build = tmp_path / "sources", tmp_path / "build"
    copy_sources(sources)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "-j2", "image", f"BUILD={build}"],
        cwd=sources, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert digest((build / "image" / "universal.tar").read_bytes()) == digest(IMAGE.read_bytes())
