/* The limits of an account on how much may run at a time. */
#ifndef DISCOVERY_QUOTA_H
#define DISCOVERY_QUOTA_H

/* The group of instance types that share one limit on running vCPUs: "standard", "g and vt", "p", … A family
 * that is not among the special ones counts as standard. Static.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
 */
const char *quota_class(const char *instance_type);

#endif
