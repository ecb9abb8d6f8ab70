#!/usr/bin/env python3
"""Assembles the benchmark image: one tar with both platforms that every engine loads.

The tar is an OCI image layout (oci-layout, index.json, blobs/) with docker's own manifest.json beside it, so that
`docker load` reads it from 20.10 on, with the classic store or containerd's, and `podman load` too. It holds no
time, user or name of the machine that builds: the same programs give the same bytes.
"""

import argparse
import hashlib
import io
import json
import pathlib
import tarfile
import zlib

import sbom

REPOSITORY = "aws-benchmark-collector/universal"
PROGRAM = "universal"
NOBODY = "65534:65534"
BILL = "aws-benchmark-collector.sbom.spdx"
EPOCH = "1970-01-01T00:00:00Z"

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def to_json(value):
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def write_tar(files):
    """A tar of (name, mode, bytes) that depends on nothing else."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, mode, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mode = mode
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def compress(data):
    """gzip whose header has no time and no file name: zlib writes it so itself."""
    gzip = zlib.compressobj(9, zlib.DEFLATED, 31, 9)
    return gzip.compress(data) + gzip.flush()


class Blobs:
    """Content by digest."""

    def __init__(self):
        self.by_digest = {}

    def add(self, data, media_type):
        """Stores data; returns its descriptor."""
        digest = digest_of(data)
        self.by_digest[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    @staticmethod
    def path(digest):
        return "blobs/" + digest.replace(":", "/")


def labels(version, source, suites, components):
    """What the image says of itself; the same on its manifests and its index."""
    found = {
        "org.opencontainers.image.title": REPOSITORY,
        "org.opencontainers.image.description": "Memory and CPU benchmarks in one static program",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": sbom.licenses(components),
    }
    if source:
        found["org.opencontainers.image.source"] = source
    if suites:
        found["aws-benchmark-collector.suites"] = suites
    return found


def add_platform(blobs, architecture, program, version, image_labels, bill):
    """Stores layer, configuration and manifest of one platform; returns what the indexes need to know. bill: the SPDX
    document, or none. It is a label, since every engine keeps those and shows them."""
    layer_tar = write_tar([(PROGRAM, 0o755, program)])
    layer = blobs.add(compress(layer_tar), LAYER)
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": EPOCH,
        "config": {
            "Entrypoint": ["/" + PROGRAM],
            "Cmd": ["help"],
            "User": NOBODY,
            "WorkingDir": "/",
            "Labels": image_labels | ({BILL: bill} if bill else {}),
        },
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer_tar)]},
        "history": [{"created": EPOCH, "created_by": "assemble.py"}],
    }
    config = blobs.add(to_json(config), CONFIG)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
    manifest["annotations"] = image_labels
    return {
        "tag": f"{REPOSITORY}:{version}-{architecture}",
        "manifest": blobs.add(to_json(manifest), MANIFEST)
        | {"platform": {"architecture": architecture, "os": "linux"}},
        "config": config,
        "layer": layer,
    }


def named(descriptor, tag):
    """A descriptor as containerd and OCI tools find its name."""
    annotations = {
        "io.containerd.image.name": "docker.io/" + tag,
        "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
    }
    return descriptor | {"annotations": annotations}


def layout(blobs, platforms, index, index_tag):
    """The files of the tar. Each platform is listed under a tag of its own too: an engine then loads both, whatever
    machine it runs on."""
    top = [named(platform["manifest"], platform["tag"]) for platform in platforms] + [named(index, index_tag)]
    docker = [
        {
            "Config": Blobs.path(platform["config"]["digest"]),
            "RepoTags": [platform["tag"]],
            "Layers": [Blobs.path(platform["layer"]["digest"])],
        }
        for platform in platforms
    ]
    files = [(Blobs.path(digest), data) for digest, data in sorted(blobs.by_digest.items())]
    files += [
        ("index.json", to_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": top})),
        ("manifest.json", to_json(docker)),
        ("oci-layout", to_json({"imageLayoutVersion": "1.0.0"})),
    ]
    return [(name, 0o644, data) for name, data in files]


def summary(platforms, index, index_tag, version):
    return {
        "version": version,
        "index": {"digest": index["digest"], "tag": index_tag},
        "platforms": {
            "linux/"
            + platform["manifest"]["platform"]["architecture"]: {
                "tag": platform["tag"],
                "manifest_digest": platform["manifest"]["digest"],
                "config_digest": platform["config"]["digest"],
            }
            for platform in platforms
        },
    }


def assemble(programs, version, source, suites, compilers):
    """programs: architecture → bytes; compilers: architecture → command, where there is to be a bill of materials.
    Returns the tar's bytes and the summary."""
    blobs = Blobs()
    platforms = []
    components = {
        architecture: sbom.linked_by(compiler) + sbom.linked_for(suites) for architecture, compiler in compilers.items()
    }
    for architecture, program in sorted(programs.items()):
        own = components.get(architecture, [])
        bill = sbom.spdx(PROGRAM, program, version, source, EPOCH, own) if own else None
        image_labels = labels(version, source, suites, own)
        platforms.append(add_platform(blobs, architecture, program, version, image_labels, bill))
    manifests = [platform["manifest"] for platform in platforms]
    index = blobs.add(to_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}), INDEX)
    index_tag = f"{REPOSITORY}:{version}"
    tar = write_tar(layout(blobs, platforms, index, index_tag))
    return tar, summary(platforms, index, index_tag, version)


def write_whole(path, data):
    """Writes beside the name and renames, so that no one sees half a file."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", required=True, help="version of the image and its tags")
    parser.add_argument("--source", default="", help="URL of the source, for the label")
    parser.add_argument("--suites", default="", help="names of the suites, joined by commas, for the label")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="the tar; a summary goes beside it as .json")
    parser.add_argument(
        "--compiler", action="append", default=[], metavar="ARCHITECTURE=COMMAND",
        help="what linked that program: its bill of materials becomes a label",
    )  # fmt: skip
    parser.add_argument("programs", nargs="+", metavar="ARCHITECTURE=PROGRAM", help="amd64=… arm64=…")
    options = parser.parse_args()

    programs = dict(program.split("=", 1) for program in options.programs)
    programs = {architecture: pathlib.Path(path).read_bytes() for architecture, path in programs.items()}
    compilers = dict(compiler.split("=", 1) for compiler in options.compiler)
    tar, found = assemble(programs, options.version, options.source, options.suites, compilers)
    write_whole(options.output.with_suffix(".json"), to_json(found))
    write_whole(options.output, tar)
    print(f"{options.output}: {len(tar)} bytes, index {found['index']['digest']}")


if __name__ == "__main__":
    main()
