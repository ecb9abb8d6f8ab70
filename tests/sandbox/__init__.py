"""A pretend AWS on one machine: EC2, S3, SSM and STS with a real sshd and a real container engine behind each instance.

From the outside in:

cli, control, paths, settings       the commands, their socket to the daemon, where things are, what `up` was told
supervisor, namespace, privateroot  start and end the sandbox as one pid and one mount namespace
daemon                              what runs inside it
server, messages, gateway           HTTP, and the way of one request: fault, signature, permission, moto, log
signatures, identities, failures    who may do what, and how AWS says no
faults, requestlog                  what can be made to go wrong; what was asked
cloud, launches, listings, catalog  moto with EC2's life cycle, RunInstances' checks, paging, what the account holds
machines, host                      one pretend machine an instance, and what they share
userdata, seed, hardware, template  cloud-init's part, a machine's identity, its instance type, its file system
engine, network, binfmt, cgroups    containers, silence, other architectures, control groups
certificates                        for --https
guest/                              the scripts inside a machine
"""
