#include "aws/xml_fields.h"

static int read_field(const struct xml_node *node, const struct xml_field *field, void *item, struct err *err)
{
    void *target = (char *)item + field->offset;
    uint64_t number = 0;
    switch (field->kind) {
    case XML_TEXT:
        return xml_copy(node, field->path, target, field->size, err);
    case XML_BOOL:
        *(bool *)target = xml_is_true(node, field->path);
        return 0;
    case XML_U32:
        if (xml_u64(node, field->path, UINT32_MAX, &number, err) < 0)
            return -1;
        *(uint32_t *)target = (uint32_t)number;
        return 0;
    case XML_U64:
        return xml_u64(node, field->path, UINT64_MAX, target, err);
    }
    return err_set(err, ERR_INTERNAL, "unknown kind of field");
}

int xml_read_fields(const struct xml_node *node, const struct xml_field *fields, size_t count, void *item,
                    struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (read_field(node, &fields[i], item, err) < 0)
            return -1;
    }
    return 0;
}

int xml_read_texts(const struct xml_node *node, const char *path, char *rows, size_t row_size, size_t max,
                   size_t *count, struct err *err)
{
    *count = 0;
    for (const struct xml_node *item = xml_at(node, path); item && *count < max; item = xml_next(item)) {
        if (xml_copy(item, "", rows + *count * row_size, row_size, err) < 0)
            return -1;
        ++*count;
    }
    return 0;
}
