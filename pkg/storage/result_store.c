#include "storage/result_store.h"

int result_key_for(const struct document *document, char key[RESULT_KEY_SIZE], struct err *err)
{
    struct result_key parts;
    AUTO_JSON cJSON *tree = json_parse(document->text, document->length, RESULT_MAX_BYTES, err);
    if (!tree || result_key_of_document(tree, &parts, err) < 0)
        return -1;
    return result_key_format(&parts, key, err);
}

int result_store(const struct store *local, const struct store *remote, const struct document *document,
                 char key[RESULT_KEY_SIZE], bool *kept, struct err *err)
{
    *kept = false;
    if (result_key_for(document, key, err) < 0 ||
        store_put(local, key, document->text, document->length, err) < 0)
        return -1;
    *kept = true;
    return remote ? store_put(remote, key, document->text, document->length, err) : 0;
}
