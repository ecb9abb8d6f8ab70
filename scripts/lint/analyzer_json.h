/* Included before every file that gcc's analyser reads: the library's source is not before it, so it must be
 * told that what is a string, a number, … is there at all. */
#ifndef LINT_ANALYZER_JSON_H
#define LINT_ANALYZER_JSON_H

#include <cjson/cJSON.h>

#define cJSON_IsString(item) ((item) && cJSON_IsString(item))
#define cJSON_IsNumber(item) ((item) && cJSON_IsNumber(item))
#define cJSON_IsObject(item) ((item) && cJSON_IsObject(item))
#define cJSON_IsArray(item) ((item) && cJSON_IsArray(item))
#define cJSON_IsBool(item) ((item) && cJSON_IsBool(item))
#define cJSON_IsNull(item) ((item) && cJSON_IsNull(item))

#endif
