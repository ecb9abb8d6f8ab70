/* Included before every translation unit by the Makefile: libc calls that cannot be used safely do not
 * compile. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atoll atof
#pragma GCC poison tmpnam tempnam mktemp system popen asctime ctime gmtime localtime

#endif
