/* XML elements into plain structs, by tables. */
#ifndef AWS_XML_FIELDS_H
#define AWS_XML_FIELDS_H

#include "aws/xml.h"

enum xml_field_kind {
    XML_TEXT, /* char[], empty where the element is absent */
    XML_BOOL, /* bool */
    XML_U32,  /* uint32_t, 0 where absent */
    XML_U64,  /* uint64_t, 0 where absent */
};

struct xml_field {
    const char *path;
    enum xml_field_kind kind;
    size_t offset;
    size_t size;
};

/* {"vpcId", XML_FIELD(struct ec2_vpc, id, XML_TEXT)} */
#define XML_FIELD(type, member, field_kind)                                                                  \
    (field_kind), offsetof(type, member), sizeof(((type *)NULL)->member)

/* Reads every field of the table into item. ERR_DATA: a text that does not fit, a number that is none. */
int xml_read_fields(const struct xml_node *node, const struct xml_field *fields, size_t count, void *item,
                    struct err *err);

/* Copies the texts of the elements called item at the path into an array of rows of row_size characters;
 * those over max are left out. */
int xml_read_texts(const struct xml_node *node, const char *path, char *rows, size_t row_size, size_t max,
                   size_t *count, struct err *err);

#endif
