/* What commands that judge results know of instance types. */
#ifndef CMD_KNOWN_TYPES_H
#define CMD_KNOWN_TYPES_H

/* EC2's word for the architecture that a type has by its name, NULL where the name does not tell. For
 * struct inspector. Static. */
const char *architecture_of_type(const char *instance_type);

#endif
