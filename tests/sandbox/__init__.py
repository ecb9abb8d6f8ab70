"""A pretend AWS on one machine: EC2, S3, SSM and STS with a real sshd and a real container engine behind each instance.

``paths``      where everything lives            ``settings``   what `sandbox up` was told
``cli``        the commands                      ``supervisor`` ``namespace`` start and end it as one pid namespace
``daemon``     what runs inside it               ``control``    the socket between the commands and the daemon
``server``     HTTP                              ``gateway``    one request: fault, signature, permission, moto, log
``signatures`` ``identities`` ``failures``       who may do what, and how AWS says no
``cloud``      moto with EC2's life cycle        ``launches``   RunInstances: validation and idempotency
``catalog``    images, network, bucket           ``faults``     what can be made to go wrong
``machines``   one pretend machine an instance   ``userdata``   the part of cloud-init that matters here
``seed``       a machine's identity              ``hardware``   what its kernel shows of the instance type
``template``   the machines' root file system    ``engine``     the container engine
``network``    addresses and silence             ``binfmt`` ``cgroups`` ``certificates`` ``requestlog`` ``host``
``guest/``     the scripts inside a machine
"""
