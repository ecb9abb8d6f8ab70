#include "discovery/ami.h"

#include "aws/ssm.h"
#include "base/text.h"

#include <string.h>

#define ECS_IMAGES "/aws/service/ecs/optimized-ami/amazon-linux-2023/"

const char *ami_parameter(enum architecture architecture)
{
    switch (architecture) {
    case ARCH_X86_64:
        return ECS_IMAGES "recommended/image_id";
    case ARCH_ARM64:
        return ECS_IMAGES "arm64/recommended/image_id";
    default:
        return NULL;
    }
}

static bool is_image_id(const char *text)
{
    return text_starts_with(text, "ami-") && strlen(text) < EC2_ID_SIZE && text[4] &&
           strspn(text + 4, "0123456789abcdef") == strlen(text + 4);
}

static int check_available(const struct ec2_image *image, struct err *err)
{
    if (strcmp(image->state, "available") == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "image %s is not available but %s; name another one with --ami",
                   image->id, image->state[0] ? image->state : "in an unknown state");
}

/* owner_alias is set by EC2 and cannot be chosen by the owner of an image. */
static bool is_amazons(const struct ec2_image *image)
{
    return strcmp(image->owner_alias, "amazon") == 0;
}

static int check_recommended(const struct ami *ami, struct err *err)
{
    const struct ec2_image *image = &ami->image;
    if (!is_amazons(image))
        return err_set(err, ERR_SECURITY, "image %s, named by %s, belongs to account %s and not to Amazon",
                       image->id, ami->parameter, image->owner_id);
    if (strcmp(image->architecture, architecture_name(ami->architecture)) != 0)
        return err_set(err, ERR_SECURITY, "image %s, named by %s, is %s and not %s", image->id,
                       ami->parameter, image->architecture, architecture_name(ami->architecture));
    return check_available(image, err);
}

/* The call's own kind stays, but for an image that does not exist: that is the account's set-up. */
static int describe(struct aws_client *client, const char *image_id, struct ec2_image *image, struct err *err)
{
    if (ec2_describe_image(client, image_id, image, err) == 0)
        return 0;
    if (err && err->kind == ERR_NOT_FOUND)
        return err_set(err, ERR_CONFIG, "%s has no image %s that this account may use",
                       aws_region(client->aws), image_id);
    return err_prepend(err, "image %s", image_id);
}

static char *recommended_id(struct aws_client *client, const char *parameter, struct err *err)
{
    char *id = ssm_get_parameter(client, parameter, err);
    if (!id && err && err->kind == ERR_NOT_FOUND)
        err_set(err, ERR_CONFIG, "%s does not publish the image id %s; name an image with --ami",
                aws_region(client->aws), parameter);
    return id;
}

int ami_find(struct aws_client *client, enum architecture architecture, struct ami *ami, struct err *err)
{
    *ami = (struct ami){.architecture = architecture, .parameter = ami_parameter(architecture)};
    if (!ami->parameter)
        return err_set(err, ERR_UNSUPPORTED, "there is no image for the architecture %s",
                       architecture_name(architecture) ? architecture_name(architecture) : "unknown");
    AUTO_FREE char *id = recommended_id(client, ami->parameter, err);
    if (!id)
        return -1;
    if (!is_image_id(id))
        return err_set(err, ERR_DATA, "%s holds '%.40s', which is no image id", ami->parameter, id);
    if (describe(client, id, &ami->image, err) < 0)
        return -1;
    return check_recommended(ami, err);
}

int ami_use(struct aws_client *client, const char *image_id, enum architecture architecture, struct log *log,
            struct ami *ami, struct err *err)
{
    *ami = (struct ami){.architecture = architecture};
    const char *wanted = architecture_name(architecture);
    if (!is_image_id(image_id))
        return err_set(err, ERR_USAGE, "'%.40s' is no image id, such as ami-0123456789abcdef0", image_id);
    if (describe(client, image_id, &ami->image, err) < 0)
        return -1;
    const struct ec2_image *image = &ami->image;
    if (!wanted || strcmp(image->architecture, wanted) != 0)
        return err_set(err, ERR_CONFIG, "image %s is %s, but an %s image is needed", image->id,
                       image->architecture, wanted ? wanted : "unknown");
    if (!is_amazons(image))
        log_line(log, LOG_WARNING, "image %s (%s) belongs to account %s, not to Amazon: it is used as it is",
                 image->id, image->name, image->owner_id);
    return check_available(image, err);
}
