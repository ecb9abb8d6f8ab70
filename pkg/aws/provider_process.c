#include "aws/account.h"
#include "aws/command_line.h"
#include "aws/credential_document.h"
#include "aws/provider.h"
#include "base/child.h"
#include "base/text.h"

#include <string.h>
#include <sys/wait.h>

#define PROCESS_SECONDS 60.0
#define MAX_ERRORS 400 /* bytes of its standard error that are shown */

/* The first line that says something. */
static void add_complaint(struct strbuf *text, const struct strbuf *errors)
{
    const char *line = strbuf_text(errors);
    line += strspn(line, "\r\n\t ");
    if (!*line)
        return;
    strbuf_adds(text, ": ");
    text_add_printable(text, line, strcspn(line, "\r\n"));
}

static int judge_end(int status, const struct strbuf *errors, struct err *err)
{
    AUTO_STRBUF struct strbuf complaint = STRBUF_INIT(4 * MAX_ERRORS);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    add_complaint(&complaint, errors);
    if (WIFEXITED(status))
        return err_set(err, ERR_AUTH, "it ended with exit code %d%s", WEXITSTATUS(status),
                       strbuf_text(&complaint));
    return err_set(err, ERR_AUTH, "it was ended by signal %d%s", WTERMSIG(status), strbuf_text(&complaint));
}

static int run_process(const struct credential_search *search, char *const *words,
                       struct credentials *credentials, struct err *err)
{
    const struct aws_client *client = search->client;
    const struct child_limits limits = {PROCESS_SECONDS, client ? client->aws->cancel : NULL,
                                        client && client->policy.stop_at ? client->policy.stop_at
                                                                         : CANCEL_DRAIN};
    AUTO_STRBUF struct strbuf out = STRBUF_SECRET(CREDENTIAL_DOCUMENT_MAX);
    AUTO_STRBUF struct strbuf errors = STRBUF_INIT(MAX_ERRORS);
    int status = 0;
    int result = child_run(words, &limits, &out, &errors, &status, err);
    if (result == 0)
        result = judge_end(status, &errors, err);
    if (result == 0)
        result = credential_document_of_process(strbuf_text(&out), out.length, "it", credentials, err);
    return result;
}

enum provider_answer provide_from_process(const struct credential_search *search,
                                          struct credentials *credentials, struct err *err)
{
    const char *command = profile_get(search->profile, PROFILE_CREDENTIAL_PROCESS);
    CLEANUP(command_line_free) struct command_line line = {0};
    if (!command)
        return PROVIDER_NOT_MINE;
    if (command_line_split(command, &line, err) == 0 &&
        run_process(search, line.words, credentials, err) == 0)
        return PROVIDER_FOUND;
    err_prepend(err, "the credential_process of profile '%s'", search->profile->name);
    return PROVIDER_FAILED;
}
