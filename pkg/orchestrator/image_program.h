/*
 * The program of an image, taken out of its archive to be run without a container engine. That works for an
 * image that is one statically linked program, as the universal image is: nothing else of the image is there
 * when it runs.
 */
#ifndef ORCHESTRATOR_IMAGE_PROGRAM_H
#define ORCHESTRATOR_IMAGE_PROGRAM_H

#include "base/error.h"
#include "orchestrator/image_archive.h"

/* An open file in memory that nobody can change any more; the caller closes it. From the index's digest on,
 * which names the image in results, everything on the way to the program has the digest that it is called by.
 * ERR_NOT_FOUND: no image of that architecture. ERR_DATA: the archive contradicts itself. ERR_UNSUPPORTED:
 * the image is no program that can run by itself on a machine of the architecture (EC2's word). ERR_CONFIG:
 * the kernel gives no such file. */
int image_program_open(const struct image_archive *archive, const char *architecture, struct err *err);

#endif
