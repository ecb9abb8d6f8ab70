#include "commands.h"
#include "program.h"

#include "base/secret.h"

int main(int argc, char **argv)
{
    struct err err = {0};
    if (secret_hide_memory(&err) < 0) {
        fprintf(stderr, "%s: error: %s\n", PROGRAM_NAME, err.message);
        return EXIT_SETUP;
    }
    return program_main(all_commands, argc, argv, stdout, stderr);
}
