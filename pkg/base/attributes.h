/* Compiler attributes: ownership of locals, printf checking. */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRINTF_LIKE(format_index, first) __attribute__((format(printf, format_index, first)))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define NODISCARD __attribute__((warn_unused_result))
#define UNUSED __attribute__((unused))

/* Declares a local pointer that free()s what it owns when it leaves its scope: `AUTO_FREE char *name = NULL;`
 */
#define AUTO_FREE CLEANUP(auto_free)
/* The same for a file descriptor (-1 is none) and a FILE (NULL is none). */
#define AUTO_CLOSE CLEANUP(auto_close)
#define AUTO_FCLOSE CLEANUP(auto_fclose)

/* Text that is overwritten before it is freed. */
#define AUTO_SECRET CLEANUP(auto_secret)

/* Moves a pointer out of an owning local, which is NULL afterwards. */
#define TAKE(pointer)                                                                                        \
    ({                                                                                                       \
        __typeof__(pointer) taken_ = (pointer);                                                              \
        (pointer) = NULL;                                                                                    \
        taken_;                                                                                              \
    })

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static inline void auto_free(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}

static inline void auto_secret(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    free(*text);
}

static inline void auto_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void auto_fclose(FILE **file)
{
    if (*file)
        fclose(*file);
}

#endif
