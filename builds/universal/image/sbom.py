"""What is in the static program, as an SPDX 2.3 document: ours, the C library and the compiler's runtime, with version
and licence, found out from the compiler that links them."""

import hashlib
import json
import pathlib
import shlex
import shutil
import subprocess

NONE = "NOASSERTION"
COREMARK = "https://github.com/eembc/coremark"


def output_of(command, given=None):
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def debian_package(path):
    """The package and version that a file is of, where dpkg knows it: that is what security notices speak of."""
    if not shutil.which("dpkg-query"):
        return None
    name = output_of(["dpkg-query", "--search", str(pathlib.Path(path).resolve())]).partition(": ")[0]
    if not name or "\n" in name:
        return None
    name = name.partition(":")[0]
    version = output_of(["dpkg-query", "--show", "--showformat=${Version}\n", name]).partition("\n")[0]
    return (name, version) if version else None


def linked_by(compiler):
    """The components that this compiler adds to a static program."""
    command = shlex.split(compiler)
    gcc = output_of([*command, "-dumpfullversion"])
    libc = output_of([*command, "-E", "-P", "-x", "c", "-"], "#include <features.h>\n__GLIBC__ __GLIBC_MINOR__\n")
    libc = ".".join(libc.split()[-2:])
    if not gcc or not libc:
        raise SystemExit(f"sbom: {compiler} tells neither its version nor its C library's")
    component = [
        ("glibc", libc, "LGPL-2.1-or-later", "libc.a"),
        ("libgcc", gcc, "GPL-3.0-or-later WITH GCC-exception-3.1", "libgcc.a"),
    ]
    return [
        {"name": name, "version": version, "license": license_, "debian": debian_package(found)}
        for name, version, license_, file in component
        for found in [output_of([*command, f"-print-file-name={file}"])]
    ] + [{"name": "gcc", "version": gcc, "license": "GPL-3.0-or-later", "tool": True}]


def linked_for(suites):
    """The components of others that a suite is made of; suites are names, joined by commas."""
    coremark = {"name": "coremark", "version": "1.0", "license": "Apache-2.0", "source": COREMARK}
    return [coremark] if "coremark" in suites.split(",") else []


def package(component):
    name = component["name"]
    row = {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": component["version"],
        "downloadLocation": component.get("source") or NONE,
        "filesAnalyzed": False,
        "licenseConcluded": component["license"],
        "licenseDeclared": component["license"],
        "copyrightText": NONE,
    }
    if component.get("sha256"):
        row["checksums"] = [{"algorithm": "SHA256", "checksumValue": component["sha256"]}]
    if component.get("debian"):
        locator = "pkg:deb/debian/{}@{}".format(*component["debian"])
        row["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}
        ]
    return row


def relationship(component, own):
    if component.get("tool"):
        return {
            "spdxElementId": f"SPDXRef-{component['name']}",
            "relationshipType": "BUILD_TOOL_OF",
            "relatedSpdxElement": f"SPDXRef-{own}",
        }
    return {
        "spdxElementId": f"SPDXRef-{own}",
        "relationshipType": "STATIC_LINK",
        "relatedSpdxElement": f"SPDXRef-{component['name']}",
    }


def licenses(components):
    """One SPDX expression for all that is in the program."""
    return " AND ".join(["MIT"] + [f"({row['license']})" for row in components if not row.get("tool")])


def spdx(name, program, version, source, created, components):
    """The document's text. It depends on its arguments alone: program is the bytes of the file called `name`."""
    sha256 = hashlib.sha256(program).hexdigest()
    own = {"name": name, "version": version, "license": "MIT", "source": source, "sha256": sha256}
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{name}-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{version}-{sha256}",
        "creationInfo": {"created": created, "creators": ["Tool: assemble.py"]},
        "packages": [package(row) for row in [own, *components]],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": f"SPDXRef-{name}",
            }
        ]
        + [relationship(row, name) for row in components],
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
