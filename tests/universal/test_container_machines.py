"""The benchmark program on CPUs that this machine is not, emulated, and under a clock that goes wrong."""

import subprocess

import pytest

from container import HOST, ROOT, SUITES, brief, call, measure, program

STEP_CLOCK = ROOT / "build/universal/tests/step_clock"

# By QEMU's name: architecture, the microarchitecture that the program must find in it, the metrics of `vector` that it
# has. Neoverse-N1 is Graviton2's core, Cortex-A72 that of the first Graviton: neither has SVE.
CPUS = {
    "qemu64": ("amd64", None, {"sse2"}),
    "Nehalem": ("amd64", "Nehalem", {"sse2"}),
    "EPYC": ("amd64", "Zen 1", {"sse2", "avx2"}),
    "Cascadelake-Server": ("amd64", "Cascade Lake", {"sse2", "avx2"}),  # QEMU has no AVX-512
    "cortex-a72": ("arm64", "Cortex-A72", {"neon"}),
    "neoverse-n1": ("arm64", "Neoverse-N1", {"neon"}),
    "max,sve-max-vq=2": ("arm64", None, {"neon", "sve"}),
}


@pytest.mark.parametrize("cpu", CPUS)
def test_cpu_is_called_by_its_numbers_and_used_as_far_as_it_goes(cpu):
    architecture, microarchitecture, sets = CPUS[cpu]
    document = measure("vector", "--max-seconds=1", architecture=architecture, cpu=cpu)
    assert document["system"]["microarchitecture"] == microarchitecture
    assert document["system"]["cpu_id"].startswith("0x")
    assert document["system"]["cpu_product"] is None
    assert "emulated" in document["flags"]
    measured = {metric["name"].split(".")[0] for metric in document["metrics"] if metric["samples"]}
    assert measured == sets


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(("cpu", "isa"), [("Nehalem", "sse2"), ("cortex-a72", "neon"), ("neoverse-n1", "neon")])
def test_every_suite_does_without_wide_vectors(suite, cpu, isa):
    document = measure(suite, brief(suite), "--max-memory=128M", architecture=CPUS[cpu][0], cpu=cpu)
    assert document["parameters"]["isa"] == isa


@pytest.mark.parametrize("suite", ["stream", "linpack", "scaling"])
@pytest.mark.parametrize("quads", [1, 2, 3, 4, 16])
def test_sve_is_right_on_vectors_of_any_length(suite, quads):
    cpu = f"max,sve-max-vq={quads}"
    document = measure(suite, "--max-seconds=2", "--max-memory=64M", architecture="arm64", cpu=cpu)
    assert document["parameters"]["isa"] == "sve"


@pytest.mark.parametrize("suite", ["linpack", "scaling"])
def test_neon_is_right_where_there_is_sve_too(suite):
    parameters = ["--isa=neon", "--max-seconds=2", "--max-memory=64M"]
    document = measure(suite, *parameters, architecture="arm64", cpu="max")
    assert document["parameters"]["isa"] == "neon"


@pytest.mark.parametrize("suite", ["linpack", "scaling"])
@pytest.mark.parametrize(("cpu", "isa"), [("Nehalem", "avx512"), ("Nehalem", "avx2"), ("cortex-a72", "sve")])
def test_instruction_set_that_the_cpu_lacks_is_exit_code_3(suite, cpu, isa):
    done = call("run", suite, f"--isa={isa}", architecture=CPUS[cpu][0], cpu=cpu)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"--isa={isa}: this CPU lacks it" in done.stderr.splitlines()[-1]


@pytest.fixture(scope="module", name="step_clock")
def build_step_clock():
    subprocess.run(["make", str(STEP_CLOCK.relative_to(ROOT))], cwd=ROOT, check=True, timeout=60)
    return STEP_CLOCK


# The suites measure the clock of the CPU first, then say that they measure.
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("moment", ["clock\n", "measuring\n"])
@pytest.mark.parametrize(("how", "says"), [("back", "the clock stepped back"), ("stand", "the clock did not move")])
def test_clock_that_goes_wrong_is_exit_code_3(step_clock, suite, moment, how, says):
    command = [step_clock, how, moment, *program(HOST), "run", suite, "--max-seconds=2", "--max-memory=64M"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert done.stdout == ""
    assert says in done.stderr.splitlines()[-1]
