#include "commands.h"
#include "program.h"

int main(int argc, char **argv)
{
    return program_main(all_commands, argc, argv, stdout, stderr);
}
