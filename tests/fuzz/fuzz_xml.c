/* XML answers: what parses must be a tree within its caps, and the fault and the fields in it must be
 * readable. */
#include "fuzz.h"

#include "aws/fault.h"
#include "aws/xml.h"

static size_t check_tree(const struct xml_node *node, unsigned depth)
{
    size_t nodes = 0;
    require(depth < XML_MAX_DEPTH);
    for (; node; node = node->next) {
        require(node->name && node->name[0] && node->text);
        require(!node->child || !node->text[0]);
        nodes += 1 + check_tree(node->child, depth + 1);
    }
    return nodes;
}

static void read_values(const struct xml_node *root)
{
    char text[16];
    uint64_t number = 0;
    if (xml_copy(root, "item/a", text, sizeof text, NULL) == 0)
        require(strlen(text) < sizeof text);
    if (xml_u64(root, "item/n", 1000, &number, NULL) == 0)
        require(number <= 1000);
    require(xml_count(root, "item") == 0 || xml_at(root, "item"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct fault fault = {.status = 400};
    struct xml *xml = xml_parse((const char *)data, size, &err);
    if (!xml) {
        require(err.kind == ERR_DATA && err.message[0]);
        return 0;
    }
    require(check_tree(xml_root(xml), 0) <= XML_MAX_NODES);
    read_values(xml_root(xml));
    if (fault_in_xml(xml_root(xml), &fault))
        require(fault_to_err(&fault, &(struct fault_context){"ec2", "Fuzz"}, &err) == -1 &&
                err.kind != ERR_NONE);
    xml_free(xml);
    return 0;
}
