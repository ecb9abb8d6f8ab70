#include "linear/shared_product.h"

#include "linear/packing.h"
#include "linear/range.h"

/* Half of the second-level cache is for the left matrix in a tile, which stays there. */
#define CACHE_SHARE 2
#define CACHE_USUAL ((size_t)1 << 20)
#define STRIPS_MOST 128 /* of the right matrix in a tile */
#define STRIPS_LEAST 8
#define TILES_PER_MEMBER 16

static size_t tiles_over(size_t count, size_t tile)
{
    return (count + tile - 1) / tile;
}

void shared_product_begin(struct shared_product *product, size_t members)
{
    const size_t strip = product->kernels->rows();
    const size_t cache = product->cache_bytes > 0 ? product->cache_bytes : CACHE_USUAL;
    const size_t left_doubles = cache / CACHE_SHARE / sizeof(double);
    product->tile_rows = larger(left_doubles / larger(product->depth, 1) / strip, 1) * strip;
    const size_t down = tiles_over(product->rows, product->tile_rows);
    size_t strips = STRIPS_MOST;
    while (strips > STRIPS_LEAST && down * tiles_over(product->columns, strips * product->kernels->columns) <
                                        TILES_PER_MEMBER * members)
        strips /= 2;
    product->tile_columns = strips * product->kernels->columns;
    atomic_store(&product->next_tile, 0);
}

void shared_product_take(struct shared_product *product)
{
    const size_t across = tiles_over(product->columns, product->tile_columns);
    const size_t tiles = across * tiles_over(product->rows, product->tile_rows);
    for (;;) {
        size_t tile = atomic_fetch_add(&product->next_tile, 1);
        if (tile >= tiles)
            return;
        size_t row = tile / across * product->tile_rows;
        size_t column = tile % across * product->tile_columns;
        subtract_product(product->kernels, product->left + row * product->depth,
                         product->right + column * product->depth,
                         smaller(product->rows - row, product->tile_rows),
                         smaller(product->columns - column, product->tile_columns), product->depth,
                         product->result + column * product->stride + row, product->stride);
    }
}
