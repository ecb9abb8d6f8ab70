#include "table.h"

#include "base/strbuf.h"
#include "base/text.h"

#include <string.h>

#define LONGEST_CELL 4096
#define GAP 2 /* spaces between columns */

/* What stands in one place of the table. */
struct cell {
    char *text;
    size_t width; /* code points */
    bool is_number;
};

struct grid {
    struct table_column *columns;
    size_t column_count;
    struct cell *cells; /* row after row */
    size_t row_count;
    size_t *widths;
};

#define AUTO_GRID CLEANUP(grid_free)

static void grid_free(struct grid *grid)
{
    for (size_t i = 0; grid->cells && i < grid->row_count * grid->column_count; i++)
        free(grid->cells[i].text);
    free(grid->cells);
    free(grid->widths);
    free(grid->columns);
}

/* --- cells ------------------------------------------------------------------------------------ */

/* A JSON scalar or what is nested, in its exact form. */
static int add_exact(struct strbuf *out, const cJSON *value, struct err *err)
{
    AUTO_FREE char *text = json_print(value, false, err);
    if (!text)
        return -1;
    text_add_printable(out, text, strlen(text));
    return 0;
}

static int add_value(struct strbuf *out, const cJSON *value, int decimals, struct err *err);

static int add_list(struct strbuf *out, const cJSON *list, int decimals, struct err *err)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list)
    {
        if (item != list->child)
            strbuf_addc(out, ',');
        if (add_value(out, item, decimals, err) < 0)
            return -1;
    }
    return 0;
}

/* Nothing for null. */
static int add_value(struct strbuf *out, const cJSON *value, int decimals, struct err *err)
{
    if (!value || cJSON_IsNull(value))
        return 0;
    if (cJSON_IsString(value)) {
        text_add_printable(out, value->valuestring, strlen(value->valuestring));
        return 0;
    }
    if (cJSON_IsArray(value))
        return add_list(out, value, decimals, err);
    if (cJSON_IsNumber(value) && decimals >= 0) {
        strbuf_addf(out, "%.*f", decimals, value->valuedouble);
        return 0;
    }
    return add_exact(out, value, err);
}

/* --- table ------------------------------------------------------------------------------------ */

static int fill_cell(struct cell *cell, const cJSON *value, int decimals, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_CELL);
    if (cJSON_IsBool(value))
        strbuf_adds(&text, cJSON_IsTrue(value) ? "yes" : "no");
    else if (add_value(&text, value, decimals, err) < 0)
        return -1;
    if (!text.failed && !text.length)
        strbuf_addc(&text, '-');
    cell->is_number = cJSON_IsNumber(value);
    cell->text = strbuf_take(&text, "a cell of the table", err);
    if (!cell->text)
        return -1;
    cell->width = text_columns(cell->text, strlen(cell->text));
    return 0;
}

static int fill_grid(struct grid *grid, const cJSON *rows, struct err *err)
{
    grid->row_count = (size_t)cJSON_GetArraySize(rows);
    grid->cells = calloc(grid->row_count * grid->column_count + 1, sizeof *grid->cells);
    grid->widths = calloc(grid->column_count + 1, sizeof *grid->widths);
    if (!grid->cells || !grid->widths)
        return err_memory(err);
    for (size_t i = 0; i < grid->column_count; i++)
        grid->widths[i] =
            grid->columns[i].title ? text_columns(grid->columns[i].title, strlen(grid->columns[i].title)) : 0;
    struct cell *cell = grid->cells;
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, rows)
    {
        for (size_t i = 0; i < grid->column_count; i++, cell++) {
            const struct table_column *column = &grid->columns[i];
            if (fill_cell(cell, json_at(row, column->key), column->decimals, err) < 0)
                return -1;
            if (cell->width > grid->widths[i])
                grid->widths[i] = cell->width;
        }
    }
    return 0;
}

/* Whether the column holds a number anywhere: then its title stands right as well. */
static bool is_numeric(const struct grid *grid, size_t column)
{
    for (size_t row = 0; row < grid->row_count; row++)
        if (grid->cells[row * grid->column_count + column].is_number)
            return true;
    return false;
}

static size_t last_shown(const struct grid *grid)
{
    size_t last = 0;
    for (size_t i = 0; i < grid->column_count; i++)
        if (grid->columns[i].title)
            last = i;
    return last;
}

/* No spaces trail behind the last column. */
static void print_line(FILE *out, const struct grid *grid, const struct cell *cells)
{
    size_t last = last_shown(grid);
    for (size_t i = 0; i <= last && i < grid->column_count; i++) {
        if (!grid->columns[i].title)
            continue;
        int padding = (int)(grid->widths[i] - cells[i].width);
        bool right = cells[i].is_number;
        fprintf(out, "%*s%s%*s", right ? padding : 0, "", cells[i].text,
                i == last ? 0 : (right ? 0 : padding) + GAP, "");
    }
    fputc('\n', out);
}

static int print_titles(FILE *out, const struct grid *grid, struct err *err)
{
    AUTO_FREE struct cell *titles = calloc(grid->column_count + 1, sizeof *titles);
    if (!titles)
        return err_memory(err);
    for (size_t i = 0; i < grid->column_count; i++) {
        if (!grid->columns[i].title)
            continue;
        titles[i].text = (char *)grid->columns[i].title;
        titles[i].width = text_columns(grid->columns[i].title, strlen(grid->columns[i].title));
        titles[i].is_number = is_numeric(grid, i);
    }
    print_line(out, grid, titles);
    return 0;
}

static size_t total_width(const struct grid *grid)
{
    size_t total = 0;
    for (size_t i = 0; i < grid->column_count; i++)
        if (grid->columns[i].title)
            total += grid->widths[i] + (total ? GAP : 0);
    return total;
}

/* A column without a title is not shown. */
static void fit_grid(struct grid *grid, const struct table_fit *fit)
{
    const char *const *leaving = fit->leaving;
    for (; fit->columns && *leaving && total_width(grid) > fit->columns; leaving++)
        for (size_t i = 0; i < grid->column_count; i++)
            if (strcmp(grid->columns[i].key, *leaving) == 0)
                grid->columns[i].title = NULL;
}

static int print_table(FILE *out, const struct table_column *columns, size_t column_count, const cJSON *rows,
                       const struct table_fit *fit, struct err *err)
{
    AUTO_GRID struct grid grid = {.columns = calloc(column_count + 1, sizeof *columns),
                                  .column_count = column_count};
    if (!grid.columns)
        return err_memory(err);
    memcpy(grid.columns, columns, column_count * sizeof *columns);
    if (fill_grid(&grid, rows, err) < 0)
        return -1;
    fit_grid(&grid, fit);
    if (print_titles(out, &grid, err) < 0)
        return -1;
    for (size_t row = 0; row < grid.row_count; row++)
        print_line(out, &grid, grid.cells + row * column_count);
    return 0;
}

/* --- CSV and JSON ----------------------------------------------------------------------------- */

static void print_csv_field(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n") && text[0] != ' ') {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static int print_csv_row(FILE *out, const struct table_column *columns, size_t column_count, const cJSON *row,
                         struct err *err)
{
    for (size_t i = 0; i < column_count; i++) {
        AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_CELL);
        if (add_value(&text, json_at(row, columns[i].key), TABLE_EXACT, err) < 0 ||
            strbuf_ok(&text, "a field of the CSV", err) < 0)
            return -1;
        fputs(i ? "," : "", out);
        print_csv_field(out, strbuf_text(&text));
    }
    fputs("\r\n", out);
    return 0;
}

static int print_csv(FILE *out, const struct table_column *columns, size_t column_count, const cJSON *rows,
                     struct err *err)
{
    for (size_t i = 0; i < column_count; i++) {
        fputs(i ? "," : "", out);
        print_csv_field(out, columns[i].key);
    }
    fputs("\r\n", out);
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, rows)
    {
        if (print_csv_row(out, columns, column_count, row, err) < 0)
            return -1;
    }
    return 0;
}

static int print_json(FILE *out, const cJSON *rows, struct err *err)
{
    AUTO_FREE char *text = json_print(rows, true, err);
    if (!text)
        return -1;
    fputs(text, out);
    return 0;
}

int table_print_fitted(FILE *out, enum output_format format, const struct table_column *columns,
                       size_t column_count, const cJSON *rows, const struct table_fit *fit, struct err *err)
{
    switch (format) {
    case OUTPUT_JSON:
        return print_json(out, rows, err);
    case OUTPUT_CSV:
        return print_csv(out, columns, column_count, rows, err);
    case OUTPUT_TABLE:
        break;
    }
    return print_table(out, columns, column_count, rows, fit, err);
}

int table_print(FILE *out, enum output_format format, const struct table_column *columns, size_t column_count,
                const cJSON *rows, struct err *err)
{
    return table_print_fitted(out, format, columns, column_count, rows, &(struct table_fit){0}, err);
}
